import { describe, expect, it } from "vitest";
import { Cadence, silenceLimit } from "./cadence";

describe("Cadence", () => {
  it("knows no period before the second arrival", () => {
    const cadence = new Cadence();
    cadence.add(0);
    expect(cadence.period).toBeNull();
    expect(cadence.lastAt).toBe(0);
  });

  it("counts the messages of a batch", () => {
    const cadence = new Cadence();
    for (let time = 0; time <= 1000; time += 100) cadence.add(time, 10);
    expect(cadence.period).toBe(10);
  });

  it("does not take a silence for the period", () => {
    const cadence = new Cadence();
    for (const time of [0, 100, 60_000, 60_100]) cadence.add(time);
    expect(cadence.period).toBe(100);
  });

  it("does not take one silence for it even when it is half of what is known", () => {
    const cadence = new Cadence();
    for (const time of [0, 60_000, 60_100]) cadence.add(time);
    expect(cadence.period).toBe(100);
  });

  it("follows a stream that became slower", () => {
    const cadence = new Cadence();
    let time = 0;
    for (let count = 0; count < 30; count += 1) cadence.add((time += 10));
    for (let count = 0; count < 15; count += 1) cadence.add((time += 1000));
    expect(cadence.period).toBe(1000);
  });

  it("ignores a batch without messages and forgets on reset", () => {
    const cadence = new Cadence();
    cadence.add(0);
    cadence.add(50, 0);
    expect(cadence.lastAt).toBe(0);
    cadence.reset();
    expect(cadence.lastAt).toBeNull();
  });
});

describe("silenceLimit", () => {
  it("is a second, or three periods if they are longer", () => {
    expect(silenceLimit(null)).toBe(1000);
    expect(silenceLimit(100)).toBe(1000);
    expect(silenceLimit(10_000)).toBe(30_000);
  });
});
