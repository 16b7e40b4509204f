import { describe, expect, it } from "vitest";
import type { ScaleName } from "../contract";
import { effectiveLevels, normalise, valueAt } from "./scales";

const SCALES: ScaleName[] = ["linear", "log", "symlog", "sqrt", "gamma", "asinh"];

describe("a scale", () => {
  it("is 0 at low, 1 at high, rises between, and finds its values back", () => {
    for (const scale of SCALES) {
      for (const [low, high] of [
        [1, 4095],
        [0.25, 1e6],
        [1e-9, 3e-9],
        ...(scale === "log"
          ? []
          : [
              [-50, 300],
              [-7, -2],
            ]),
      ]) {
        expect(normalise(low!, low!, high!, scale, 0.4)).toBeCloseTo(0, 12);
        expect(normalise(high!, low!, high!, scale, 0.4)).toBeCloseTo(1, 12);
        let before = -1;
        for (let step = 0; step <= 50; step++) {
          const value = low! + (step / 50) * (high! - low!);
          const part = normalise(value, low!, high!, scale, 0.4);
          expect(part, `${scale} ${value}`).toBeGreaterThan(before);
          before = part;
          expect(Math.abs(valueAt(part, low!, high!, scale, 0.4) - value)).toBeLessThan(1e-9 * (high! - low!));
        }
      }
    }
  });

  it("has the places that its name promises", () => {
    expect(normalise(100, 1, 10_000, "log", 1)).toBeCloseTo(0.5);
    expect(normalise(35, 10, 110, "sqrt", 1)).toBeCloseTo(0.5);
    expect(normalise(0.5, 0, 1, "gamma", 3)).toBeCloseTo(0.125);
    expect(normalise(0, -80, 80, "symlog", 1)).toBeCloseTo(0.5);
    expect(normalise(31, 0, 1000, "symlog", 1)).toBeCloseTo(Math.log(32) / Math.log(1001));
    expect(normalise(31, 0, 1000, "asinh", 1)).toBeCloseTo(Math.asinh(31) / Math.asinh(1000));
  });

  it("has no place for zero on a logarithm, and lets nothing below low count for roots", () => {
    expect(normalise(0, 1, 10, "log", 1)).toBe(-Infinity);
    expect(normalise(-5, 0, 10, "sqrt", 1)).toBe(0);
    expect(normalise(-5, 0, 10, "gamma", 0.7)).toBe(0);
  });

  it("is 0 without a span, and finite for the largest doubles", () => {
    for (const scale of SCALES) {
      expect(normalise(5, 5, 5, scale, 1)).toBe(0);
      expect(normalise(5, 0, 0, scale, 1)).toBe(0);
      expect(valueAt(0.5, 5, 5, scale, 1)).toBe(5);
    }
    expect(normalise(0, -1e308, 1e308, "linear", 1)).toBeCloseTo(0.5);
    expect(valueAt(0.5, -1e308, 1e308, "linear", 1)).toBe(0);
  });
});

describe("the levels of a logarithm", () => {
  it("are positive, for counts and for floats", () => {
    expect(effectiveLevels([0, 4095], "log", true)).toEqual([1, 4095]);
    expect(effectiveLevels([-3, 5], "log", true)).toEqual([0.5, 5]);
    expect(effectiveLevels([-3, 5], "log", false)).toEqual([5e-4, 5]);
    expect(effectiveLevels([-3, -1], "log", true)).toEqual([0.1, 1]);
    expect(effectiveLevels([2, 5], "log", true)).toEqual([2, 5]);
    expect(effectiveLevels([-2, 5], "symlog", true)).toEqual([-2, 5]);
  });

  it("do not begin at a trace of noise above zero, unless somebody chose it", () => {
    expect(effectiveLevels([1e-9, 5], "log", false)).toEqual([1e-9, 5]);
    expect(effectiveLevels([1e-9, 5], "log", false, true)).toEqual([5e-4, 5]);
    expect(effectiveLevels([1, 65_535], "log", true, true)).toEqual([1, 65_535]);
    expect(effectiveLevels([1e-9, 5], "sqrt", false, true)).toEqual([1e-9, 5]);
  });
});
