import { describe, expect, it } from "vitest";
import { PeakHold } from "./peak-hold";

function held(peak: PeakHold): number[] | null {
  return peak.maximum === null ? null : Array.from(peak.maximum);
}

describe("the peaks", () => {
  it("are the highest of all curves, point by point", () => {
    const peak = new PeakHold();
    expect(held(peak)).toBeNull();
    peak.add("a", Float64Array.of(1, -5, 3));
    peak.add("a", Float64Array.of(2, -7, 3));
    expect(held(peak)).toEqual([2, -5, 3]);
    expect(peak.count).toBe(2);
  });

  it("are not those of another channel or another length", () => {
    const peak = new PeakHold();
    peak.add("a", Float64Array.of(9, 9));
    peak.add("b", Float64Array.of(1, 1));
    expect(held(peak)).toEqual([1, 1]);
    peak.add("b", Float64Array.of(0, 0, 0));
    expect(held(peak)).toEqual([0, 0, 0]);
    expect(peak.count).toBe(1);
  });

  it("do not care for what is no number, and are no copy of a curve", () => {
    const peak = new PeakHold();
    const first = Float64Array.of(NaN, 4, -Infinity);
    peak.add("a", first);
    expect(held(peak)).toEqual([NaN, 4, -Infinity]);
    peak.add("a", Float64Array.of(2, NaN, -3));
    expect(held(peak)).toEqual([2, 4, -3]);
    expect(Array.from(first)).toEqual([NaN, 4, -Infinity]);
  });

  it("begin anew after a reset", () => {
    const peak = new PeakHold();
    peak.add("a", Float64Array.of(9));
    peak.reset();
    expect(peak.count).toBe(0);
    peak.add("a", Float64Array.of(1));
    expect(held(peak)).toEqual([1]);
  });
});
