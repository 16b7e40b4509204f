import { describe, expect, it } from "vitest";
import type { DType, ScaleName } from "../contract";
import { DEFAULT_COLOURS, UPRIGHT } from "../defaults";
import { OVER, UNDER } from "./colourmaps";
import {
  colourPlace,
  type Curve,
  FLOAT32_MAX,
  meanPlace,
  PictureScale,
  roundedText,
  scaleFor,
  shadeIndex,
  toFloat32,
} from "./levels";
import type { Look, Picture } from "./renderer";
import { normalise } from "./scales";

function indices(dtype: DType, low: number, high: number, values: number[]): number[] {
  return places(dtype, low, high, values).map(asEnds);
}

function places(dtype: DType, low: number, high: number, values: number[], curve: Curve | null = null): number[] {
  const scale = scaleFor(dtype, low, high, curve);
  return values.map((value) => colourPlace(value, scale));
}

/** With the ends of the map for what lies beyond the levels. */
function asEnds(place: number): number {
  return place === UNDER ? 0 : place === OVER ? 255 : place;
}

const CURVES: Curve[] = (["log", "symlog", "sqrt", "gamma", "asinh"] as const).map((name) => ({ name, gamma: 0.6 }));

describe("the colour of a value", () => {
  it("is one of 256 equal parts between the levels, the high one in the last", () => {
    expect(indices("uint16", 100, 355, [0, 100, 101, 228, 354, 355, 65535])).toEqual([0, 0, 1, 128, 254, 255, 255]);
    expect(indices("float64", 0, 256, [-1, 0, 0.99, 1, 127.5, 254.5, 255, 256, 300])).toEqual([
      0, 0, 0, 1, 127, 254, 255, 255, 255,
    ]);
    expect(indices("uint8", 0, 3, [0, 1, 2, 3])).toEqual([0, 85, 170, 255]);
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
    expect(indices("uint8", -510, 510, [0, 255])).toEqual([128, 192]);
    expect(indices("uint16", 70_000, 80_000, [0, 65_535])).toEqual([0, 0]);
  });

  it("is computed from a base that the type can hold", () => {
    expect(scaleFor("uint8", -255, 0)).toMatchObject({ base: 0, offset: -255 });
    expect(scaleFor("uint16", 70_000, 80_000)).toMatchObject({ base: 65_535, offset: 4465 });
    expect(scaleFor("int32", -1e12, 1e12)).toMatchObject({ base: -(2 ** 31) });
    expect(scaleFor("float32", 0.1, 1)).toMatchObject({ base: 0, unit: 1, offset: Math.fround(0.1) });
    expect(scaleFor("float64", 1e9, 1e9 + 63)).toMatchObject({ base: 1e9, unit: 1, offset: 0, top: 63 });
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

  it("is said to have coarse levels where doubles are coarse", () => {
    expect(roundedText("uint64", [0, 2 ** 60])).toContain("2^53");
    expect(roundedText("int64", [-(2 ** 60), 0])).toContain("2^53");
    for (const dtype of ["int64", "uint64", "float64", "float32", "uint32", "bool"] as const) {
      expect(roundedText(dtype, [0, 2 ** 40])).toBeNull();
      expect(roundedText(dtype, null)).toBeNull();
    }
  });
});

describe("what lies beyond the levels", () => {
  it("is under or over, and the levels themselves are not", () => {
    expect(places("uint16", 100, 355, [0, 99, 100, 355, 356, 65535])).toEqual([UNDER, UNDER, 0, 255, OVER, OVER]);
    expect(places("int8", -3, 4, [-128, -4, -3, 4, 5])).toEqual([UNDER, UNDER, 0, 255, OVER]);
    expect(places("uint8", 9.5, 10.5, [9, 10, 11])).toEqual([UNDER, 128, OVER]);
    expect(places("float32", 0.1, 1, [0.0999, Math.fround(0.1), 1, 1.0001])).toEqual([UNDER, 0, 255, OVER]);
    expect(places("uint32", 4e9, 4e9 + 200, [4e9 - 1, 4e9, 4e9 + 200, 4e9 + 201])).toEqual([UNDER, 0, 255, OVER]);
  });

  it("is known where the levels lie outside of the type, too", () => {
    expect(places("uint8", -255, 0, [0, 1])).toEqual([255, OVER]);
    expect(places("uint16", 70_000, 80_000, [0, 65_535])).toEqual([UNDER, UNDER]);
    expect(places("uint8", -510, -10, [0, 3])).toEqual([OVER, OVER]);
  });

  it("is not over if high is not above low", () => {
    expect(places("uint16", 5, 5, [4, 5, 6])).toEqual([UNDER, 0, 0]);
    expect(places("float32", 6, 5, [4, 7])).toEqual([UNDER, 0]);
  });

  it("is nothing for the parts of a colour image", () => {
    const scale = scaleFor("uint8", 10, 20);
    expect([0, 10, 15, 20, 255].map((value) => shadeIndex(value, scale))).toEqual([0, 0, 128, 255, 255]);
  });
});

describe("the colour of a mean", () => {
  it("is that of a value where it is one, and lies between where it is not", () => {
    for (const dtype of ["uint16", "float32", "int32"] as const) {
      const scale = scaleFor(dtype, 100, 355);
      for (const value of [0, 100, 101, 228, 355, 400]) expect(meanPlace(value, scale)).toBe(colourPlace(value, scale));
      expect([99.9, 228.6, 355.1].map((mean) => meanPlace(mean, scale))).toEqual([UNDER, 129, OVER]);
    }
  });
});

describe("the colour on a scale that is not linear", () => {
  it("is one of 256 equal parts of the scale", () => {
    for (const curve of CURVES) {
      for (const [dtype, low, high] of [
        ["uint16", 10, 60_000],
        ["float64", 1e-4, 3],
        ["int32", 7, 2e9],
      ] as const) {
        const values = Array.from({ length: 500 }, (_, step) => {
          const value = low + (high - low) * (step / 499) ** 3;
          return dtype === "float64" ? value : Math.round(value);
        });
        places(dtype, low, high, values, curve).forEach((place, at) => {
          const part = 256 * normalise(values[at]!, low, high, curve.name, curve.gamma);
          // Where rounding to 32 bits decides, either neighbour is right.
          const right = Math.abs(place + 0.5 - part) <= 0.5 + 1e-3;
          if (!right) expect.fail(`${curve.name} ${dtype} ${values[at]}: ${place}, and it lies at ${part}`);
        });
      }
    }
  });

  it("rises with the value from the first to the last colour, for every value of 16 bit", () => {
    const values = Array.from({ length: 65_536 }, (_, value) => value);
    for (const curve of CURVES) {
      const drawn = places("uint16", 3, 65_000, values, curve);
      expect(drawn.slice(0, 3)).toEqual([UNDER, UNDER, UNDER]);
      expect([drawn[3], drawn[65_000], drawn[65_001]]).toEqual([0, 255, OVER]);
      // One look at the end: an expectation for each value takes most of the time of the test.
      const falls: number[] = [];
      for (let value = 4; value <= 65_000; value++) if (!(drawn[value]! >= drawn[value - 1]!)) falls.push(value);
      expect(falls).toEqual([]);
    }
  });

  it("is the first one without a span, and always a place", () => {
    for (const curve of CURVES) {
      expect(places("float32", 5, 5, [4, 5, 6], curve)).toEqual([UNDER, 0, 0]);
      for (const [low, high] of [
        [-1e308, 1e308],
        [Number.NaN, 1],
        [0, 1e-320],
        [0, 0],
      ] as const) {
        for (const place of places("float64", low, high, [-1e308, 0, 1e-310, 1, 1e308], curve)) {
          expect(Number.isInteger(place) && place >= 0 && place <= OVER, `${curve.name} ${low}`).toBe(true);
        }
      }
    }
  });
});

function lookOf(levels: [number, number], scale: ScaleName = "linear"): Look {
  const view = { scale: 1, offsetX: 0, offsetY: 0, orientation: UPRIGHT };
  return { ...DEFAULT_COLOURS, view, levels, scale, colours: new Uint8Array(0) };
}

function preview(gray: [number, number] | null): Picture {
  const place = { x: 0, y: 0, width: 1, height: 1, binning: 1, columns: 1, rows: 1 };
  const data = new Uint8Array(1);
  const image = { data, dtype: "uint8", rows: 1, columns: 1, channels: 1, shape: [1, 1] } as const;
  return { image: { ...image, shape: [1, 1] }, numbers: data, place, gray, range: null, wide: null };
}

describe("the scale of a picture", () => {
  it("is made anew only when something that matters changed", () => {
    const scales = new PictureScale();
    const first = scales.of(preview([0, 1000]), lookOf([10, 20], "log"));
    expect(scales.of(preview([0, 1000]), lookOf([10, 20], "log"))).toBe(first);
    for (const other of [
      scales.of(preview([0, 1001]), lookOf([10, 20], "log")),
      scales.of(preview([0, 1001]), lookOf([10, 21], "log")),
      scales.of(preview([0, 1001]), lookOf([10, 21])),
      scales.of(preview(null), lookOf([10, 21])),
    ])
      expect(other).not.toBe(first);
  });

  it("puts the thresholds on the grays of a preview", () => {
    const scale = new PictureScale().of(preview([0, 1000]), lookOf([1, 1000], "log"));
    for (const gray of [1, 10, 100, 255]) {
      const part = 256 * normalise((gray / 255) * 1000, 1, 1000, "log", 1);
      expect(Math.abs(colourPlace(gray, scale) + 0.5 - part)).toBeLessThanOrEqual(0.501);
    }
    expect(colourPlace(0, scale)).toBe(UNDER);
  });
});

describe("the colour of a gray of a preview", () => {
  function colours(levels: [number, number], gray: [number, number], grays: number[]): number[] {
    const scale = new PictureScale().of(preview(gray), lookOf(levels));
    return grays.map((value) => asEnds(colourPlace(value, scale)));
  }

  it("is that of the value that it stands for", () => {
    const all = Array.from({ length: 256 }, (_, gray) => gray);
    expect(colours([100, 355], [100, 355], all)).toEqual(all);
    // Gray 0, 51 and 255 stand for 100, 300 and 1100.
    expect(colours([100, 500], [100, 1100], [0, 51, 102, 255])).toEqual([0, 128, 255, 255]);
    expect(colours([300, 1100], [100, 1100], [0, 51, 153, 255])).toEqual([0, 0, 128, 255]);
    for (const [levels, gray] of [
      [
        [-3, 8],
        [-4.5, 11],
      ],
      [
        [0, 1e-9],
        [0, 1.1e-9],
      ],
      [
        [5e5, 6e5],
        [4e5, 7e5],
      ],
    ] as [[number, number], [number, number]][]) {
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
