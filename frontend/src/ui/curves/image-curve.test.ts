import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../../defaults";
import { turned } from "../../render/orientation";
import { isLine, lineOf, stretchText } from "./image-curve";

const NAMES = { pulseId: 1n, sequence: 1n };

describe("an image of one row or column", () => {
  it("says how it is drawn", () => {
    expect(stretchText([1, 200], UPRIGHT)).toBe("1 row, drawn 25 times as high");
    expect(stretchText([1, 200], turned(UPRIGHT))).toBe("1 row, drawn 25 times as wide");
    expect(stretchText([200, 1], UPRIGHT)).toBe("1 column, drawn 25 times as wide");
    expect(stretchText([3, 4000], UPRIGHT)).toBe("3 rows, drawn 166 times as high");
    expect(stretchText([480, 640], UPRIGHT)).toBe("");
    expect(stretchText([1, 1], UPRIGHT)).toBe("");
  });

  it("is a curve where it is more than a point, and not coloured", () => {
    const shown = { colour: false, curve: null };
    expect(isLine({ ...shown, of: [1, 200] })).toBe(true);
    expect(isLine({ ...shown, of: [2, 1] })).toBe(true);
    expect(isLine({ ...shown, of: [1, 1] })).toBe(false);
    expect(isLine({ ...shown, of: [2, 200] })).toBe(false);
    expect(isLine({ ...shown, of: [1, 200], colour: true })).toBe(false);
  });

  it("has all digits of 64-bit integers", () => {
    const data = BigInt64Array.of(2n ** 60n, 2n ** 60n + 1n);
    const line = lineOf({ ...NAMES, dtype: "int64", shape: [1, 2], crop: null, data }, [1, 2]);
    expect(line.exact).toBe(data);
    expect([...line.values]).toEqual([2 ** 60, 2 ** 60]);
  });

  it("has no values where none were sent", () => {
    const data = Uint16Array.of(7, 8);
    const row = lineOf({ ...NAMES, dtype: "uint16", shape: [1, 2], crop: [1, 0, 2, 1], data }, [1, 5]);
    expect([...row.values]).toEqual([NaN, 7, 8, NaN, NaN]);
    const column = lineOf({ ...NAMES, dtype: "uint16", shape: [2, 1], crop: [0, 2, 1, 2], data }, [5, 1]);
    expect([...column.values]).toEqual([NaN, NaN, 7, 8, NaN]);
  });
});
