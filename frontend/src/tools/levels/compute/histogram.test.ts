import { describe, expect, it } from "vitest";
import { histogram } from "./histogram";
import type { NumberArray } from "../../../analysis/statistics";

const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0);

function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const INTEGERS: [new (length: number) => NumberArray, number, number][] = [
  [Uint8Array, 0, 255],
  [Int8Array, -128, 127],
  [Uint16Array, 0, 65535],
  [Int16Array, -32768, 32767],
  [Int16Array, -300, 12],
  [Uint32Array, 5, 2 ** 32 - 1],
  [Int32Array, -(2 ** 31), 2 ** 31 - 1],
  [Float64Array, 0, 2 ** 60],
];

describe("histogram", () => {
  it.each(INTEGERS)("counts integers in bins of whole numbers (%o, %d to %d)", (type, low, high) => {
    const random = uniform(3);
    const pixels = new type(1003);
    for (let at = 0; at < pixels.length; at++) pixels[at] = Math.floor(low + random() * (high - low));
    pixels[8] = low;
    pixels[500] = high;
    for (const bins of [1, 7, 100, 256]) {
      const found = histogram(pixels, [low, high], true, bins);
      expect(found.width).toBe(Math.ceil((high - low + 1) / bins));
      expect(found.counts.length).toBeLessThanOrEqual(bins);
      const expected = new Float64Array(found.counts.length);
      // Beyond 2^53 there is no number for the last value and one.
      for (const value of pixels) expected[Math.min(Math.floor((value - low) / found.width), expected.length - 1)]!++;
      expect(found).toEqual({ counts: expected, low, width: found.width });
    }
  });

  it("has no comb: each bin of evenly spread integers has as many", () => {
    const pixels = new Uint16Array(1000).map((_, at) => at);
    const { counts, width } = histogram(pixels, [0, 999], true);
    expect(width).toBe(4);
    expect(counts).toEqual(new Float64Array(250).fill(4));
  });

  it("counts floats between the ends, the upper one in the last bin", () => {
    const pixels = Float32Array.of(0, 0.5, 0.99, 1, 2.5, 4, Number.NaN, Infinity, -Infinity);
    expect(histogram(pixels, [0, 4], false, 4)).toEqual({ counts: Float64Array.of(3, 1, 1, 1), low: 0, width: 1 });
  });

  it("leaves out what is beyond the range", () => {
    const pixels = Uint16Array.of(1, 5, 6, 7, 900);
    expect(histogram(pixels, [5, 7], true)).toEqual({ counts: Float64Array.of(1, 1, 1), low: 5, width: 1 });
    expect(histogram(pixels, [4.5, 6.5], true)).toEqual({ counts: Float64Array.of(1, 1), low: 5, width: 1 });
    expect(histogram(pixels, [-70_000, 70_000], true, 2).counts).toEqual(Float64Array.of(0, 5));
    expect(histogram(Float64Array.from(pixels), [5, 7], false, 2).counts).toEqual(Float64Array.of(1, 2));
  });

  it("of one value has one bin", () => {
    expect(histogram(new Uint8Array(9).fill(7), [7, 7], true)).toEqual({
      counts: Float64Array.of(9),
      low: 7,
      width: 1,
    });
    expect(histogram(new Float32Array(9).fill(0.5), [0.5, 0.5], false)).toEqual({
      counts: Float64Array.of(9),
      low: 0.5,
      width: 0,
    });
  });

  it("counts the largest doubles and the smallest", () => {
    const huge = Float64Array.of(-Number.MAX_VALUE, 0, Number.MAX_VALUE);
    const found = histogram(huge, [-Number.MAX_VALUE, Number.MAX_VALUE], false, 4);
    expect(found.counts).toEqual(Float64Array.of(1, 0, 1, 1));
    expect(found.width).toBe(Number.MAX_VALUE / 2);
    const tiny = Float64Array.of(0, 1e-320, 2e-320, 4e-320);
    expect(sum(histogram(tiny, [0, 4e-320], false, 4).counts)).toBe(4);
  });

  it("uses an array again where it fits", () => {
    const pixels = Uint16Array.of(1, 2, 3, 4);
    const into = new Float64Array(4).fill(99);
    expect(histogram(pixels, [1, 4], true, 256, into).counts).toBe(into);
    expect(into).toEqual(new Float64Array(4).fill(1));
    expect(histogram(pixels, [1, 3], true, 256, into).counts).not.toBe(into);
    expect(histogram(pixels, [1, 4], false, 4, into.fill(9)).counts).toEqual(Float64Array.of(1, 1, 1, 1));
  });
});
