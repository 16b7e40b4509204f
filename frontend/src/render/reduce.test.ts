import { describe, expect, it } from "vitest";
import { BlockLine, isReduced } from "./reduce";

const FROM = Int32Array.of(0, 0, 2, 4);
const TO = Int32Array.of(0, 2, 4, 5);

/** A line of four canvas pixels, the first of which shows nothing, over two rows of five pixels. */
function line(numbers: Float32Array | Uint16Array | Int32Array, reduce: "mean" | "max"): number[] {
  const blocks = new BlockLine();
  blocks.resize(4);
  blocks.fill(reduce, numbers, 0, { across: 1, down: 5 }, FROM, TO, 1, 4, 0, 2);
  return Array.from(blocks.values.subarray(1));
}

describe("a reduced line", () => {
  it("is the largest or the mean of each block", () => {
    for (const make of [Uint16Array, Int32Array, Float32Array]) {
      const numbers = make.of(1, 2, 3, 4, 5, 6, 7, 8, 90, 10);
      expect(line(numbers, "max")).toEqual([7, 90, 10]);
      expect(line(numbers, "mean")).toEqual([4, 26.25, 7.5]);
    }
    expect(line(Int32Array.of(-1, -2, -3, -4, -5, -6, -7, -8, -9, -10), "max")).toEqual([-1, -3, -5]);
  });

  it("leaves out what is not finite, and is NaN where nothing is", () => {
    const numbers = Float32Array.of(1, Number.NaN, Infinity, Number.NaN, 5, -4, -Infinity, Number.NaN, Number.NaN, 7);
    expect(line(numbers, "max")).toEqual([1, Number.NaN, 7]);
    expect(line(numbers, "mean")).toEqual([-1.5, Number.NaN, 6]);
  });

  it("runs down the columns of a picture that is turned, and over one part of a colour", () => {
    const blocks = new BlockLine();
    blocks.resize(2);
    const numbers = Uint16Array.from({ length: 12 }, (_, at) => at);
    // Four rows of three pixels: the canvas shows rows across and columns down.
    blocks.fill("max", numbers, 0, { across: 3, down: 1 }, Int32Array.of(0, 2), Int32Array.of(2, 4), 0, 2, 1, 3);
    expect(Array.from(blocks.values)).toEqual([5, 11]);
    // Four pixels of three parts each.
    blocks.fill("max", numbers, 1, { across: 3, down: 12 }, Int32Array.of(0, 2), Int32Array.of(2, 4), 0, 2, 0, 1);
    expect(Array.from(blocks.values)).toEqual([4, 10]);
  });

  it("is only needed where a canvas pixel covers several pixels", () => {
    expect([isReduced("max", 0.99), isReduced("mean", 1), isReduced("nearest", 0.1)]).toEqual([true, false, false]);
  });
});
