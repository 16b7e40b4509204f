import { describe, expect, it } from "vitest";
import { commonStep, countFrom, guessSaturation } from "./saturation";

describe("guess of the saturation", () => {
  it("is the largest value if it is the full scale of a camera, exactly", () => {
    for (const level of [255, 1023, 4095, 16383, 65535, 65472, 65520, 65532]) {
      expect(guessSaturation("uint16", [3, level])).toEqual({ level });
      expect(guessSaturation("uint16", [3, level - 1])).toEqual({ level: null });
    }
    expect(guessSaturation("uint8", [0, 255])).toEqual({ level: 255 });
    expect(guessSaturation("int32", [-4, 4095])).toEqual({ level: 4095 });
  });

  it("takes levels of cameras with their bits at the upper end only with the step of their values", () => {
    for (const [level, step] of [
      [65472, 64],
      [65520, 16],
      [65532, 4],
    ] as const) {
      expect(guessSaturation("uint16", [0, level], step)).toEqual({ level });
      expect(guessSaturation("uint16", [0, level], 2 * step)).toEqual({ level });
      expect(guessSaturation("uint16", [0, level], step / 2)).toEqual({ level: null });
    }
    expect(guessSaturation("uint16", [0, 65535], 1)).toEqual({ level: 65535 });
  });

  it("is none for floats, for truth values, and without a pixel", () => {
    expect(guessSaturation("float32", [0, 4095])).toEqual({ level: null });
    expect(guessSaturation("float64", [0, 255])).toEqual({ level: null });
    expect(guessSaturation("bool", [0, 1])).toEqual({ level: null });
    expect(guessSaturation("uint16", null)).toEqual({ level: null });
  });
});

describe("common step of the values", () => {
  it("is the greatest power of two that divides them", () => {
    expect(commonStep(Uint16Array.of(0, 48, 160, 65520))).toBe(16);
    expect(commonStep(Uint16Array.of(64, 128, 0))).toBe(64);
    expect(commonStep(Uint16Array.of(512, 1024))).toBe(256);
    expect(commonStep(Int16Array.of(-48, 32))).toBe(16);
    expect(commonStep(Int32Array.of(-1024, 2048))).toBe(256);
    expect(commonStep(Uint16Array.of(64, 65))).toBe(1);
    expect(commonStep(Uint32Array.of(2 ** 31 + 4, 2 ** 31))).toBe(4);
    expect(commonStep(Float64Array.of(2 ** 52, 2 ** 40 + 8))).toBe(8);
  });

  it("is one without values, and for values that are not whole", () => {
    expect(commonStep(new Uint16Array(9))).toBe(1);
    expect(commonStep(new Uint16Array(0))).toBe(1);
    expect(commonStep(Float32Array.of(16, 16.5))).toBe(1);
    expect(commonStep(Float32Array.of(16, Number.NaN))).toBe(1);
  });

  it("looks at all of a large image", () => {
    const pixels = new Uint16Array(1_000_000).map((_, at) => (at < 900_000 ? 160 : 7));
    expect(commonStep(pixels)).toBe(1);
  });
});

it("counts the pixels at or above a level, without infinities", () => {
  expect(countFrom(Uint16Array.of(4094, 4095, 4096, 0, 4095), 4095)).toBe(3);
  expect(countFrom(Int16Array.of(-1, -2, 3), -1)).toBe(2);
  expect(countFrom(Float64Array.of(1, 2, Number.NaN, Infinity, -Infinity), 1.5)).toBe(1);
});
