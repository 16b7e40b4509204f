import { describe, expect, it } from "vitest";
import { type Box, project } from "./project";
import type { NumberArray } from "./statistics";

/** Numbers that can be repeated, in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const TYPES: [new (length: number) => NumberArray, number, number][] = [
  [Uint8Array, 0, 255],
  [Int8Array, -128, 127],
  [Uint16Array, 0, 65535],
  [Int16Array, -32768, 32767],
  [Uint32Array, 0, 2 ** 32 - 1],
  [Int32Array, -(2 ** 31), 2 ** 31 - 1],
  [Float64Array, -1000, 1000],
];

/** By definition, one pixel after the other. */
function byDefinition(pixels: NumberArray, columns: number, { x, y, width, height }: Box) {
  const sums = { x: new Float64Array(width), y: new Float64Array(height), notFinite: 0, max: -Infinity };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = pixels[(y + row) * columns + x + column]!;
      if (!Number.isFinite(value)) {
        sums.notFinite++;
        continue;
      }
      sums.x[column]! += value;
      sums.y[row]! += value;
      sums.max = Math.max(sums.max, value);
    }
  }
  return sums;
}

describe("projections", () => {
  it.each(TYPES)("are the sums over rows and columns of any part of an image (%o)", (type, lowest, highest) => {
    const random = uniform(5);
    const [columns, rows] = [37, 23];
    const pixels = new type(columns * rows);
    for (let at = 0; at < pixels.length; at++) {
      pixels[at] = Math.floor(lowest / 2 + random() * (highest / 2 - lowest / 2));
    }
    pixels[5 * columns + 8] = highest;
    for (const region of [
      { x: 0, y: 0, width: columns, height: rows },
      { x: 3, y: 5, width: 30, height: 7 },
      { x: 36, y: 22, width: 1, height: 1 },
      { x: 8, y: 2, width: 1, height: 21 },
      { x: 0, y: 9, width: 37, height: 2 },
    ]) {
      expect(project(pixels, columns, region)).toEqual(byDefinition(pixels, columns, region));
    }
  });

  it.each(TYPES)("find the largest pixel wherever it lies (%o)", (type, lowest, highest) => {
    const region = { x: 1, y: 1, width: 3, height: 7 };
    for (let row = 1; row < 8; row++) {
      for (let column = 1; column < 4; column++) {
        const pixels = new type(45).fill(lowest);
        pixels[0] = highest;
        pixels[row * 5 + column] = highest - 1;
        expect(project(pixels, 5, region).max).toBe(highest - 1);
      }
    }
  });

  it("hold the largest sums of long columns and rows exactly", () => {
    for (const [columns, rows] of [
      [1, 70_003],
      [70_003, 1],
      [2, 32_770],
    ] as const) {
      const region = { x: 0, y: 0, width: columns, height: rows };
      for (const pixels of [new Uint16Array(columns * rows).fill(65535), new Int16Array(columns * rows).fill(-32768)]) {
        const sums = project(pixels, columns, region);
        expect(sums.x.every((sum) => sum === pixels[0]! * rows)).toBe(true);
        expect(sums.y.every((sum) => sum === pixels[0]! * columns)).toBe(true);
        expect(sums.max).toBe(pixels[0]);
      }
    }
  });

  it("leave NaN and infinities out, and count them", () => {
    const pixels = Float32Array.of(1, Number.NaN, 3, Infinity, 5, -Infinity);
    const sums = project(pixels, 3, { x: 0, y: 0, width: 3, height: 2 });
    expect(sums).toEqual({ x: Float64Array.of(1, 5, 3), y: Float64Array.of(4, 5), notFinite: 3, max: 5 });
    const none = project(new Float64Array(4).fill(Number.NaN), 2, { x: 0, y: 0, width: 2, height: 2 });
    expect(none).toMatchObject({ notFinite: 4, max: -Infinity });
  });

  it("are zero for a region of nothing", () => {
    expect(project(new Uint16Array(4), 2, { x: 1, y: 1, width: 0, height: 0 })).toEqual({
      x: new Float64Array(0),
      y: new Float64Array(0),
      notFinite: 0,
      max: -Infinity,
    });
    expect(project(new Uint16Array(4), 2, { x: 1, y: 0, width: 0, height: 2 }).y).toEqual(new Float64Array(2));
  });

  it("use arrays again where they fit, and nothing of what was in them", () => {
    const region = { x: 0, y: 0, width: 5, height: 6 };
    for (const type of [Uint8Array, Int32Array, Float32Array]) {
      const first = project(new type(30).fill(9), 5, region);
      const again = project(new type(30).fill(2), 5, region, first);
      expect(again.x).toBe(first.x);
      expect(again.y).toBe(first.y);
      expect(again).toEqual(project(new type(30).fill(2), 5, region));
      expect(project(new type(30).fill(2), 5, { ...region, width: 4 }, first).x).toHaveLength(4);
    }
  });
});
