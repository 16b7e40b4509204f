import { describe, expect, it } from "vitest";
import type { DType } from "../contract";
import { colourIndex, FLOAT32_MAX, grayLevels, roundedText, scaleFor, toFloat32 } from "./levels";

function indices(dtype: DType, low: number, high: number, values: number[]): number[] {
  const scale = scaleFor(dtype, low, high);
  return values.map((value) => colourIndex(value, scale));
}

describe("the colour of a value", () => {
  it("is its place between the levels, rounded to the nearest of 256", () => {
    expect(indices("uint16", 100, 355, [0, 100, 101, 228, 354, 355, 65535])).toEqual([0, 0, 1, 128, 254, 255, 255]);
    expect(indices("float64", 0, 255, [-1, 0, 0.49, 0.5, 127.5, 254.5, 300])).toEqual([0, 0, 0, 1, 128, 255, 255]);
  });

  it("is the value itself for bytes under full levels", () => {
    const values = Array.from({ length: 256 }, (_, value) => value);
    expect(indices("uint8", 0, 255, values)).toEqual(values);
    expect(
      indices(
        "int8",
        -128,
        127,
        values.map((value) => value - 128),
      ),
    ).toEqual(values);
  });

  it("tells neighbours apart far from zero, where 32-bit floats cannot", () => {
    expect(indices("int32", 2_000_000_000, 2_000_000_255, [2_000_000_000, 2_000_000_001, 2_000_000_254])).toEqual([
      0, 1, 254,
    ]);
    expect(indices("int32", -(2 ** 31), -(2 ** 31) + 255, [-(2 ** 31), -(2 ** 31) + 7])).toEqual([0, 7]);
    expect(indices("uint32", 2 ** 32 - 256, 2 ** 32 - 1, [0, 2 ** 32 - 256, 2 ** 32 - 1])).toEqual([0, 0, 255]);
  });

  it("takes levels between and outside of the integers", () => {
    expect(indices("uint8", 9.5, 10.5, [9, 10, 11])).toEqual([0, 128, 255]);
    expect(indices("uint8", -255, 0, [0, 5])).toEqual([255, 255]);
    expect(indices("uint8", -510, 510, [0, 255])).toEqual([128, 191]);
    expect(indices("uint16", 70_000, 80_000, [0, 65_535])).toEqual([0, 0]);
  });

  it("is computed from a base that the type can hold", () => {
    expect(scaleFor("uint8", -255, 0)).toMatchObject({ base: 0, offset: -255 });
    expect(scaleFor("uint16", 70_000, 80_000)).toMatchObject({ base: 65_535, offset: 4465 });
    expect(scaleFor("int32", -1e12, 1e12)).toMatchObject({ base: -(2 ** 31) });
    expect(scaleFor("float32", 0.1, 1)).toMatchObject({ base: null, offset: Math.fround(0.1) });
  });

  it("is the first one if high is not above low, and never anything but an index", () => {
    expect(indices("float32", 5, 5, [4, 5, 6])).toEqual([0, 0, 0]);
    expect(indices("float32", 6, 5, [4, 5, 6])).toEqual([0, 0, 0]);
    for (const [low, high] of [
      [0, 1e-320],
      [-1e308, 1e308],
      [Number.NaN, 1],
      [-Infinity, Infinity],
    ] as const) {
      for (const index of indices("float64", low, high, [-1e308, -1, 0, 1e-310, 1, 1e308])) {
        expect(Number.isInteger(index) && index >= 0 && index <= 255, `${low} ${high} ${index}`).toBe(true);
      }
    }
  });

  it("rises with the value", () => {
    for (const [low, high] of [
      [-3.7, 11.1],
      [0, 1e-30],
      [1e5, 1e5 + 1],
    ] as const) {
      const values = Array.from({ length: 1000 }, (_, step) => low - 0.1 * (high - low) + (step / 800) * (high - low));
      const drawn = indices("float64", low, high, values);
      expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
      expect([drawn[0], drawn[999]]).toEqual([0, 255]);
    }
  });

  it("keeps finite values finite on their way to 32 bits", () => {
    expect([1e300, -1e300, Infinity, -Infinity, 0.1].map(toFloat32)).toEqual([
      FLOAT32_MAX,
      -FLOAT32_MAX,
      Infinity,
      -Infinity,
      Math.fround(0.1),
    ]);
    expect(toFloat32(Number.NaN)).toBeNaN();
  });

  it("says for which types it is computed from rounded values", () => {
    expect((["float64", "int64", "uint64"] as const).map(roundedText)).not.toContain(null);
    expect((["float32", "uint32", "int32", "uint16", "bool"] as const).map(roundedText)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe("the colour of a gray of a preview", () => {
  function colours(levels: [number, number], gray: [number, number], grays: number[]): number[] {
    return indices("uint8", ...grayLevels(levels, gray), grays);
  }

  it("is that of the value that it stands for", () => {
    const all = Array.from({ length: 256 }, (_, gray) => gray);
    expect(colours([100, 355], [100, 355], all)).toEqual(all);
    // Gray 0, 51 and 255 stand for 100, 300 and 1100.
    expect(colours([100, 500], [100, 1100], [0, 51, 102, 255])).toEqual([0, 128, 255, 255]);
    expect(colours([300, 1100], [100, 1100], [0, 51, 153, 255])).toEqual([0, 0, 128, 255]);
    for (const [levels, gray] of [[[-3, 8], [-4.5, 11]], [[0, 1e-9], [0, 1.1e-9]], [[5e5, 6e5], [4e5, 7e5]]] as [
      [number, number], [number, number],
    ][]) {
      const values = all.map((value) => gray[0] + (value / 255) * (gray[1] - gray[0]));
      const exact = indices("float64", ...levels, values);
      colours(levels, gray, all).forEach((index, at) => expect(Math.abs(index - exact[at]!)).toBeLessThanOrEqual(1));
    }
  });

  it("is that of the last value that the server did not cut off, beyond it", () => {
    expect(colours([0, 1000], [200, 600], [0, 255])).toEqual([51, 153]);
  });

  it("is an index under levels without a span", () => {
    expect(colours([0, 1], [5, 5], [0, 128, 255])).toEqual([0, 128, 255]);
    expect(colours([7, 7], [0, 10], [0, 255])).toEqual([0, 0]);
  });
});
