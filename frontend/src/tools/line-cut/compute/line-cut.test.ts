import { describe, expect, it } from "vitest";
import { lineCut } from "./line-cut";

const HERE = { x: 0, y: 0 };
/** Value 10 * row + column. */
const image = new Uint8Array(100).map((_, at) => at);
const values = (x0: number, y0: number, x1: number, y1: number, width = 1) =>
  Array.from(lineCut({ x0, y0, x1, y1, width }, image, 10, 10, HERE).values);

describe("cut along a line", () => {
  it("has the values of pixels in steps of one pixel", () => {
    expect(values(2, 3, 6, 3)).toEqual([32, 33, 34, 35, 36]);
    expect(values(2.3, 3.4, 5.9, 3.4)).toEqual([32, 33, 34, 35]);
    expect(values(4, 5, 4, 2)).toEqual([54, 44, 34, 24]);
    expect(values(0, 0, 3, 4)).toEqual([0, 11, 21, 22, 32, 43]);
    expect(lineCut({ x0: 0, y0: 0, x1: 3, y1: 4, width: 1 }, image, 10, 10, HERE).distance).toEqual(
      Float64Array.of(0, 1, 2, 3, 4, 5),
    );
    expect(values(7, 7, 7, 7)).toEqual([77]);
  });

  it("has its last point for every line of whole length", () => {
    for (const [x, y] of [
      [3, 4],
      [5, 12],
      [8, 15],
      [20, 21],
      [0.6, 0.8],
    ] as const) {
      for (const shift of [0, 0.1, 0.7, 1234.3]) {
        const line = { x0: shift, y0: shift, x1: shift + x, y1: shift + y, width: 1 };
        expect(lineCut(line, image, 10, 10, HERE).values).toHaveLength(Math.round(Math.hypot(x, y)) + 1);
      }
    }
  });

  it("is the mean of pixels across, as many as it is wide", () => {
    expect(values(2, 3, 4, 3, 3)).toEqual([32, 33, 34]);
    expect(values(2, 3, 4, 3, 2)).toEqual([37, 38, 39]);
    expect(values(4, 2, 4, 4, 5)).toEqual([24, 34, 44]);
    expect(values(5, 0, 6, 0, 3)).toEqual([10, 11]);
  });

  it("is not a number where nothing was sent", () => {
    const crop = Uint8Array.of(1, 2, 3, 4);
    const cut = lineCut({ x0: 3, y0: 5, x1: 7, y1: 5, width: 1 }, crop, 2, 2, { x: 4, y: 5 });
    expect(Array.from(cut.values)).toEqual([Number.NaN, 1, 2, Number.NaN, Number.NaN]);
    expect(values(-2, 0, 1, 0)).toEqual([Number.NaN, Number.NaN, 0, 1]);
  });

  it("shows a pixel that is not finite, and leaves it out of a mean", () => {
    const pixels = Float32Array.of(1, Infinity, 3, 5, 6, 7, 9, 10, Number.NaN);
    const cut = (width: number) =>
      Array.from(lineCut({ x0: 0, y0: 1, x1: 2, y1: 1, width }, pixels, 3, 3, HERE).values);
    expect(cut(3)).toEqual([5, 8, 5]);
    expect(Array.from(lineCut({ x0: 0, y0: 0, x1: 1, y1: 0, width: 1 }, pixels, 3, 3, HERE).values)).toEqual([
      1,
      Infinity,
    ]);
  });
});
