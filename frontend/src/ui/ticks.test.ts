import { describe, expect, it } from "vitest";
import { evenLabels, niceTicks, stickyRange } from "./ticks";

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

describe("evenLabels", () => {
  it("have the same decimals", () => {
    expect(evenLabels([0.5, 1, 1.5])).toEqual(["0.5", "1.0", "1.5"]);
    expect(evenLabels([1000, 2000])).toEqual(["1000", "2000"]);
    expect(evenLabels([1e-9, 2e-9])).toEqual(["1.0e-9", "2.0e-9"]);
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
