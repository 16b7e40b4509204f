import { describe, expect, it } from "vitest";
import type { Axis } from "../contract";
import { axisAt, axisIndex, axisUnit, axisValues, fitsImage } from "./axis";

const rising: Axis = { kind: "values", values: Float64Array.of(10, 12, 16, 24), unit: "um", name: "x_axis" };
const falling: Axis = { kind: "values", values: Float64Array.of(5, 2, 0, -10), unit: "um", name: "y_axis" };
const linear: Axis = { kind: "linear", origin: 100, step: -2.5, unit: "mm" };

describe("axes", () => {
  it("say where pixels are", () => {
    expect(axisValues({ kind: "pixel" }, 7, 3)).toEqual(Float64Array.of(7, 8, 9));
    expect(axisValues(linear, 2, 3)).toEqual(Float64Array.of(95, 92.5, 90));
    expect(axisValues(rising, 1, 3)).toEqual(Float64Array.of(12, 16, 24));
    expect(axisValues(falling, 0, 4)).toEqual(Float64Array.of(5, 2, 0, -10));
  });

  it("are straight between the pixels, and beyond the ends", () => {
    expect([-2, 0.5, 1.25, 2.5, 3, 4].map((index) => axisAt(rising, index))).toEqual([6, 11, 13, 20, 24, 32]);
    expect([-1, 0.5, 3.5].map((index) => axisAt(falling, index))).toEqual([8, 3.5, -15]);
    expect(axisAt({ kind: "pixel" }, 2.5)).toBe(2.5);
    expect(axisAt(linear, 0.5)).toBe(98.75);
  });

  it("find the index of a position again", () => {
    for (const axis of [{ kind: "pixel" } as const, linear, rising, falling]) {
      for (const index of [-3.25, -1, 0, 0.75, 1, 1.5, 2, 2.25, 3, 3.5, 8]) {
        expect(axisIndex(axis, axisAt(axis, index))).toBeCloseTo(index, 12);
      }
    }
  });

  it("do not know an index where they do not tell", () => {
    expect(axisIndex({ kind: "linear", origin: 0, step: 0, unit: "" }, 3)).toBeNull();
    expect(axisIndex({ ...rising, values: Float64Array.of(4) }, 4)).toBeNull();
    expect(axisIndex(rising, Number.NaN)).toBeNull();
    expect(axisAt({ ...rising, values: Float64Array.of(4) }, 9)).toBe(4);
    expect(axisAt({ ...rising, values: new Float64Array(0) }, 0)).toBeNaN();
  });

  it("have a unit", () => {
    expect([{ kind: "pixel" } as const, linear, rising].map(axisUnit)).toEqual(["px", "mm", "µm"]);
  });
});

describe("values for an axis", () => {
  it("fit an image if they are as many, finite, and rise or descend all the way", () => {
    expect(fitsImage([1, 2, 4], 3)).toBe(true);
    expect(fitsImage(Float64Array.of(4, 2, -1), 3)).toBe(true);
    expect(fitsImage([8], 1)).toBe(true);
    expect(fitsImage([1, 2], 3)).toBe(false);
    expect(fitsImage([1, 2, 2], 3)).toBe(false);
    expect(fitsImage([1, 1, 2], 3)).toBe(false);
    expect(fitsImage([1, 3, 2], 3)).toBe(false);
    expect(fitsImage([1, 2, Number.NaN], 3)).toBe(false);
    expect(fitsImage([1, 2, Infinity], 3)).toBe(false);
    expect(fitsImage([], 0)).toBe(false);
  });
});
