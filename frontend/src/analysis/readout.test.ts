import { describe, expect, it } from "vitest";
import type { DType } from "../contract";
import type { Image, PixelArray } from "../decode/image";
import { pixelText, valueText } from "./readout";

function image(data: PixelArray, dtype: DType, rows: number, columns: number, channels: 1 | 3 | 4 = 1): Image {
  return { data, dtype, rows, columns, channels, shape: [rows, columns] };
}

describe("the value under the cursor", () => {
  it("is the shortest decimal that a 32-bit float comes back from", () => {
    for (const [value, text] of [
      [0.1, "0.1"],
      [1 / 3, "0.33333334"],
      [16777216, "16777216"],
      [1e-45, "1e-45"],
      [3.4028235e38, "3.4028235e+38"],
    ] as const) {
      expect(valueText(Math.fround(value), "float32")).toBe(text);
    }
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    // One look at the end: an expectation for each value takes most of the time of the test.
    const lost: number[] = [];
    for (let index = 0; index < 20_000; index++) {
      bits[0] = Math.imul(index + 1, 2654435761);
      const value = float[0]!;
      if (Number.isFinite(value) && !Object.is(Math.fround(Number(valueText(value, "float32"))), value))
        lost.push(value);
    }
    expect(lost).toEqual([]);
  });

  it("is exact for doubles and for 64-bit integers", () => {
    expect(valueText(0.1 + 0.2, "float64")).toBe("0.30000000000000004");
    expect(valueText(2n ** 64n - 1n, "uint64")).toBe("18446744073709551615");
    expect(valueText(-(2n ** 63n), "int64")).toBe("-9223372036854775808");
  });

  it("says NaN, infinities, minus zero and truth values as they are", () => {
    expect([Number.NaN, Infinity, -Infinity, -0].map((value) => valueText(value, "float32"))).toEqual([
      "NaN",
      "Infinity",
      "-Infinity",
      "-0",
    ]);
    expect([0, 1].map((value) => valueText(value, "bool"))).toEqual(["false", "true"]);
  });

  it("is that of the pixel in its row and column, and nothing outside", () => {
    const picture = image(Uint16Array.of(1, 2, 3, 4, 5, 6), "uint16", 2, 3);
    expect(pixelText(picture, 1, 2)).toBe("6");
    expect(pixelText(picture, 0, 1)).toBe("2");
    for (const [row, column] of [
      [2, 0],
      [0, 3],
      [-1, 0],
      [0, -1],
      [Number.NaN, 0],
    ] as const)
      expect(pixelText(picture, row, column)).toBe("");
  });

  it("names each channel of a colour image", () => {
    expect(pixelText(image(Uint8Array.of(1, 2, 3, 4, 5, 6), "uint8", 1, 2, 3), 0, 1)).toBe("R 4, G 5, B 6");
    expect(pixelText(image(Uint8Array.of(1, 2, 3, 4), "uint8", 1, 1, 4), 0, 0)).toBe("R 1, G 2, B 3, A 4");
  });
});
