import { describe, expect, it } from "vitest";
import { type NumberArray, statistics } from "./statistics";

/** Numbers that can be repeated, in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const LIMITS: [new (length: number) => NumberArray, number, number][] = [
  [Uint8Array, 0, 255],
  [Int8Array, -128, 127],
  [Uint16Array, 0, 65535],
  [Int16Array, -32768, 32767],
  [Uint32Array, 0, 2 ** 32 - 1],
  [Int32Array, -(2 ** 31), 2 ** 31 - 1],
  [Float32Array, -1, 1],
  [Float64Array, -1e300, 1e300],
];

describe("statistics", () => {
  it.each(LIMITS)("finds the range of every type, wherever lowest and highest lie (%o)", (type, lowest, highest) => {
    const random = uniform(1);
    for (let round = 0; round < 40; round++) {
      const pixels = new type(1 + Math.floor(random() * 500));
      for (let at = 0; at < pixels.length; at++) pixels[at] = lowest / 2 + random() * (highest / 2 - lowest / 2);
      pixels[Math.floor(random() * pixels.length)] = lowest;
      pixels[Math.floor(random() * pixels.length)] = highest;
      const sorted = Array.from(pixels).sort((a, b) => a - b);
      expect(statistics(pixels).range).toEqual([sorted[0], sorted[sorted.length - 1]]);
    }
  });

  it("takes for the peak the brightest pixels without as many as may be defects", () => {
    const pixels = new Uint16Array(400_000).fill(10);
    [600, 500, 400, 300, 200].forEach((value, index) => (pixels[index * 70_001] = value));
    expect(statistics(pixels)).toMatchObject({ range: [10, 600], peak: 300, foot: 10 });
    const small = new Uint16Array(1000).fill(10);
    small[3] = 600;
    expect(statistics(small).peak).toBe(600);
  });

  it("takes for the darkest pixels those without as many as may be defects, of the finite ones", () => {
    const pixels = new Float64Array(400_000).fill(1000);
    [-9, -8, -7, -6, -5].forEach((value, index) => (pixels[index * 70_001] = value));
    expect(statistics(pixels)).toMatchObject({ range: [-9, 1000], dark: -6, peak: 1000, foot: 1000 });
    pixels.fill(Number.NaN, 1, 300_000);
    expect(statistics(pixels)).toMatchObject({ range: [-9, 1000], dark: -9, foot: 1000 });
  });

  it("leaves NaN and infinities out, and counts them", () => {
    const pixels = Float64Array.of(Number.NaN, 3, Infinity, -2, -Infinity, 1);
    expect(statistics(pixels)).toMatchObject({ range: [-2, 3], notFinite: 3 });
    expect(statistics(new Float32Array(9).fill(Infinity))).toEqual({
      range: null,
      notFinite: 9,
      foot: 0,
      peak: 0,
      dark: 0,
    });
  });

  it("takes the first percentile of the picture for its foot", () => {
    const pixels = new Float32Array(1_000_000);
    const random = uniform(2);
    for (let at = 0; at < pixels.length; at++) pixels[at] = random() * 100;
    expect(statistics(pixels).foot).toBeGreaterThan(0.4);
    expect(statistics(pixels).foot).toBeLessThan(1.6);
  });

  it("does not take columns for the picture", () => {
    const pixels = new Uint16Array(4096 * 512);
    for (let at = 0; at < pixels.length; at++) pixels[at] = at % 512 === 0 ? 0 : 100;
    expect(statistics(pixels).foot).toBe(100);
  });
});
