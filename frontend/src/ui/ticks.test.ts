import { describe, expect, it } from "vitest";
import { compact, niceTicks, scaleLabels, stickyRange } from "./ticks";

describe("niceTicks", () => {
  it("are round numbers inside of the scale", () => {
    expect(niceTicks(0.0123, 1.0712, 8)).toEqual([0.2, 0.4, 0.6, 0.8, 1]);
    expect(niceTicks(100, 4095, 5)).toEqual([1000, 2000, 3000, 4000]);
    expect(niceTicks(-3e-9, 3e-9, 4)).toEqual([-2e-9, 0, 2e-9]);
  });

  it.each([
    [1, 1],
    [2, 1],
    [NaN, 1],
    [0, Infinity],
  ])("are none from %d to %d", (low, high) => {
    expect(niceTicks(low, high, 5)).toEqual([]);
  });

  it("are never more than asked for", () => {
    for (let power = -12; power < 12; power += 1) {
      for (const span of [1, 1.7, 3.3, 9.9]) expect(niceTicks(0, span * 10 ** power, 6).length).toBeLessThanOrEqual(6);
    }
  });
});

describe("labels of a scale", () => {
  it("have the same decimals", () => {
    expect(scaleLabels([0.5, 1, 1.5]).labels).toEqual(["0.5", "1.0", "1.5"]);
    expect(scaleLabels([1000, 2000]).labels).toEqual(["1000", "2000"]);
    expect(scaleLabels([1e-9, 2e-9]).labels).toEqual(["1.0e-9", "2.0e-9"]);
    expect(scaleLabels([-1, 0, 1]).labels).toEqual(["-1", "0", "1"]);
  });

  it("are distances from an offset where they would be too long", () => {
    expect(scaleLabels([1e9 + 10, 1e9 + 20, 1e9 + 30])).toEqual({ labels: ["+10", "+20", "+30"], offset: "1e9" });
    expect(scaleLabels([-1_000_000_020, -1_000_000_010])).toEqual({ labels: ["+80", "+90"], offset: "-1000000100" });
    expect(scaleLabels([1_700_000_000_123_456_000, 1_700_000_000_123_457_024]).offset).toMatch(/^17000000001234/);
  });

  it("tell neighbours apart and can be read back, wherever a scale begins and however narrow it is", () => {
    const starts = [
      0,
      1,
      -1,
      1e-17,
      1e8,
      -1e9,
      1.7e18,
      2 ** 63,
      1e300,
      1e-300,
      123.456,
      0.00128,
      4294967296,
      1.09531e-12,
    ];
    for (const start of starts) {
      for (let power = -20; power <= 3; power += 1) {
        const span = (Math.abs(start) || 1) * 10 ** power;
        const ticks = niceTicks(start, start + span, 6).filter((tick, at, all) => at === 0 || tick > all[at - 1]!);
        if (ticks.length < 2) continue;
        const { labels, offset } = scaleLabels(ticks);
        expect(new Set(labels).size, `${start} ${span}: ${labels.join()}`).toBe(ticks.length);
        const step = ticks[1]! - ticks[0]!;
        labels.forEach((label, at) => {
          const back = Number(offset) + Number(label);
          expect(Math.abs(back - ticks[at]!), `${start} ${span}: ${label} after ${offset}`).toBeLessThanOrEqual(
            step / 2 + Math.abs(start) * 2 ** -51,
          );
        });
      }
    }
  });

  it("are never rounded to nothing on a scale of decades", () => {
    expect([0.00128, 1.09531e-12, 12_800_000, 0, 0.5, 100].map((value) => compact(value, 3))).toEqual([
      "0.00128",
      "1.1e-12",
      "1.28e7",
      "0",
      "0.5",
      "100",
    ]);
  });
});

describe("stickyRange", () => {
  it("does not move for noise", () => {
    const range = stickyRange(null, 0, 100);
    expect(stickyRange(range, 3, 96)).toBe(range);
  });

  it("grows at once and shrinks when the data fill little of it", () => {
    const range = stickyRange(null, 0, 100);
    expect(stickyRange(range, 0, 120)[1]).toBeGreaterThan(120);
    expect(stickyRange(range, 0, 20)[1]).toBeLessThan(30);
  });

  it("has a span for constant data", () => {
    const [low, high] = stickyRange(null, 5, 5);
    expect(low).toBeLessThan(5);
    expect(high).toBeGreaterThan(5);
  });
});
