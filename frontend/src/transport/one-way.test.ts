import { describe, expect, it } from "vitest";
import { OneWay } from "./one-way";

const SERVER = 1_700_000_000_000;
const HALF_TRIP = 20;

/** A way whose small messages take between 20 and 50 ms; the server's clock is at SERVER when this one is at 0. */
function measured(): OneWay {
  const way = new OneWay();
  for (const [at, late] of [
    [0, 30],
    [1000, 0],
    [2000, 12],
    [3000, 25],
  ] as const) {
    way.heard(SERVER + at, at + HALF_TRIP + late);
  }
  return way;
}

describe("OneWay", () => {
  it("finds the time of a large message, whatever the two clocks say", () => {
    expect(measured().taken(SERVER + 4000, 4000 + 120, HALF_TRIP)).toBeCloseTo(120, 0);
  });

  it("never says less than half of the smallest round trip", () => {
    expect(measured().taken(SERVER + 4000, 4000 + 15, HALF_TRIP)).toBe(HALF_TRIP);
  });

  it("says what is known before any message told the server's clock", () => {
    const way = new OneWay();
    expect(way.taken(SERVER, 500, 7)).toBe(7);
    expect(way.taken(SERVER, 500, null)).toBeNull();
    way.heard(SERVER, 20);
    expect(way.taken(SERVER, 500, null)).toBeNull();
  });

  it("keeps what it knows while all small messages wait behind large ones", () => {
    const way = measured();
    for (let at = 4000; at < 64_000; at += 1000) way.heard(SERVER + at, at + 5000);
    expect(way.taken(SERVER + 64_000, 64_000 + 17_000, HALF_TRIP)).toBeCloseTo(17_000, -2);
  });

  it("follows clocks that run apart", () => {
    const way = new OneWay();
    const drift = 5e-5;
    for (let at = 0; at < 3_600_000; at += 1000) way.heard(SERVER + at, at * (1 + drift) + HALF_TRIP);
    expect(way.taken(SERVER + 3_600_000, 3_600_000 * (1 + drift) + 120, HALF_TRIP)).toBeCloseTo(120, 0);
  });

  it.each([-1000, 1000])("follows the server's clock within minutes when it was set by %d ms", (step) => {
    const way = measured();
    for (let at = 4000; at < 130_000; at += 1000) way.heard(SERVER + step + at, at + HALF_TRIP);
    expect(way.taken(SERVER + step + 130_000, 130_000 + 120, HALF_TRIP)).toBeCloseTo(120, 0);
  });

  it.each([-3_600_000, 3_600_000])("begins anew when the server's clock was set by %d ms", (step) => {
    const way = measured();
    // Sent before the next small message, a picture must not seem an hour old.
    expect(way.taken(SERVER + step + 4000, 4000 + 120, HALF_TRIP)).toBe(HALF_TRIP);
    way.heard(SERVER + step + 5000, 5000 + HALF_TRIP);
    expect(way.taken(SERVER + step + 6000, 6000 + 120, HALF_TRIP)).toBeCloseTo(120, 0);
  });

  it("forgets with the connection", () => {
    const way = measured();
    way.reset();
    expect(way.taken(SERVER + 4000, 4000 + 120, HALF_TRIP)).toBe(HALF_TRIP);
  });
});
