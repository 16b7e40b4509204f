import type { PixelArray } from "../decode/image";

/** Pixels as numbers: 64-bit integers have been made doubles before. */
export type NumberArray = Exclude<PixelArray, BigInt64Array | BigUint64Array>;

export interface Statistics {
  /** of all finite pixels; null if there is none */
  range: [number, number] | null;
  notFinite: number;
  /** where the picture's background ends at the dark side: the 1st percentile of a sample; 0 without finite pixels */
  foot: number;
  /** the brightest pixels apart from a handful that may be defects of the sensor; 0 without finite pixels */
  peak: number;
}

const SAMPLES = 4096;
const FOOT = 0.01;
/** The brightest pixels that may be defects: this part of the picture, but no more than so many. */
const DEFECTS = 1e-5;
const MOST_DEFECTS = 16;
/** Fractional part of the golden ratio: its multiples visit a picture evenly without keeping to columns or rows. */
const GOLDEN = 0.6180339887498949;

const sample = new Float64Array(SAMPLES);
const brightest = new Float64Array(MOST_DEFECTS);

/** One pass over all pixels, and a sample of 4096 of them, always at the same places. */
export function statistics(pixels: NumberArray): Statistics {
  const isFloat = pixels instanceof Float32Array || pixels instanceof Float64Array;
  const top = brightest.subarray(0, Math.min(MOST_DEFECTS, Math.max(1, Math.round(pixels.length * DEFECTS))));
  top.fill(-Infinity);
  const { low, notFinite } = isFloat ? passFloats(pixels, top) : passIntegers(pixels, top);
  if (notFinite === pixels.length) return { range: null, notFinite, foot: 0, peak: 0 };
  const high = top[top.length - 1]!;
  const darkest = footOf(pixels, low);
  // A picture of a few finite pixels has fewer bright ones than places for them.
  const peak = top[0]! === -Infinity ? high : top[0]!;
  return { range: [low, high], notFinite, foot: Math.min(darkest, peak), peak };
}

/**
 * Puts the largest values into `top`, in ascending order, and returns the lowest value. Nearly all pixels lie
 * between the lowest value so far and the lowest of the brightest, which one unsigned comparison says; four pixels
 * go together.
 */
function passIntegers(pixels: NumberArray, top: Float64Array): { low: number; notFinite: number } {
  const first = Math.min(pixels.length, 4 * MOST_DEFECTS);
  let { low } = passFloats(pixels.subarray(0, first), top);
  let gate = top[0]!;
  let at = first;
  for (let width = (gate - low) >>> 0; at + 3 < pixels.length; at += 4) {
    if (
      (pixels[at]! - low) >>> 0 <= width && (pixels[at + 1]! - low) >>> 0 <= width
      && (pixels[at + 2]! - low) >>> 0 <= width && (pixels[at + 3]! - low) >>> 0 <= width
    ) continue;
    for (let one = at; one < at + 4; one++) {
      const value = pixels[one]!;
      if (value < low) low = value;
      if (value > gate) gate = insert(top, value);
    }
    width = (gate - low) >>> 0;
  }
  for (; at < pixels.length; at++) {
    const value = pixels[at]!;
    if (value < low) low = value;
    if (value > gate) gate = insert(top, value);
  }
  return { low, notFinite: 0 };
}

function passFloats(pixels: NumberArray, top: Float64Array): { low: number; notFinite: number } {
  let low = Infinity;
  let gate = -Infinity;
  let notFinite = 0;
  for (let at = 0; at < pixels.length; at++) {
    const value = pixels[at]!;
    if (value >= low && value <= gate) continue;
    if (value - value !== 0) {
      notFinite++;
    } else {
      if (value < low) low = value;
      if (value > gate) gate = insert(top, value);
    }
  }
  return { low, notFinite };
}

/** Puts a value in place of the lowest one; returns the new lowest. */
function insert(top: Float64Array, value: number): number {
  let at = 0;
  for (; at + 1 < top.length && top[at + 1]! < value; at++) top[at] = top[at + 1]!;
  top[at] = value;
  return top[0]!;
}

function footOf(pixels: NumberArray, low: number): number {
  let count = 0;
  const samples = Math.min(SAMPLES, pixels.length);
  for (let index = 1; index <= samples; index++) {
    const place = pixels.length <= SAMPLES ? index - 1 : Math.floor(((index * GOLDEN) % 1) * pixels.length);
    const value = pixels[place]!;
    if (value - value === 0) sample[count++] = value;
  }
  if (count === 0) return low;
  return sample.subarray(0, count).sort()[Math.floor(FOOT * (count - 1))]!;
}
