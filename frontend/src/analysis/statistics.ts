import type { PixelArray } from "../decode/image";

/** Pixels as numbers: 64-bit integers have been made doubles before. */
export type NumberArray = Exclude<PixelArray, BigInt64Array | BigUint64Array>;

export interface Statistics {
  /** of all finite pixels; null if there is none */
  range: [number, number] | null;
  notFinite: number;
  /** the brightest and the darkest pixels apart from a handful that may be defects of the sensor; 0 without finite ones */
  peak: number;
  dark: number;
  /** where the picture's background ends: the 1st percentile of a sample, between `dark` and `peak` */
  foot: number;
}

const SAMPLES = 4096;
const FOOT = 0.01;
/** The brightest and the darkest pixels that may be defects: this part of the finite ones, but no more than so many. */
const DEFECTS = 1e-5;
const MOST_DEFECTS = 16;
/** Fractional part of the golden ratio: its multiples visit a picture evenly without keeping to columns or rows. */
const GOLDEN = 0.6180339887498949;

const sample = new Float64Array(SAMPLES);
/** in ascending order */
const brightest = new Float64Array(MOST_DEFECTS);
/** their negatives in ascending order: the darkest one last */
const darkest = new Float64Array(MOST_DEFECTS);

/** Finds, faster than a loop, where something has to be looked at. */
export interface Scanner {
  /** elements that it looks at together */
  readonly step: number;
  /**
   * From `at` on, the first elements with one below `low` or above `high` (`low` <= `high`) among them, so many as a
   * step, or the elements that are left at the end, fewer than a step; numbers that are not finite are passed over.
   */
  next(at: number, low: number, high: number): number;
  /** how many numbers that are not finite were passed over since it was last asked */
  passed(): number;
}

/**
 * One pass over all pixels, and a sample of 4096 of them, always at the same places.
 *
 * @param scanner looks through these pixels; the result is the same without
 */
export function statistics(pixels: NumberArray, scanner: Scanner | null = null): Statistics {
  const isFloat = pixels instanceof Float32Array || pixels instanceof Float64Array;
  brightest.fill(-Infinity);
  darkest.fill(-Infinity);
  const notFinite =
    scanner !== null ? passScanned(pixels, scanner) : isFloat ? passFloats(pixels) : passIntegers(pixels);
  const finite = pixels.length - notFinite;
  if (finite === 0) return { range: null, notFinite, foot: 0, peak: 0, dark: 0 };
  // The first of them is no defect any more.
  const nth = MOST_DEFECTS - Math.min(finite, MOST_DEFECTS, Math.max(1, Math.floor(finite * DEFECTS + 0.5)));
  const range: [number, number] = [-darkest[MOST_DEFECTS - 1]! + 0, brightest[MOST_DEFECTS - 1]!];
  const [dark, peak] = [-darkest[nth]! + 0, brightest[nth]!];
  return { range, notFinite, peak, dark, foot: Math.max(Math.min(footOf(pixels, dark), peak), Math.min(dark, peak)) };
}

/**
 * Collects the extremes of integers of at most 32 bit. Nearly all pixels lie between the brightest of the darkest so far
 * and the darkest of the brightest, which one unsigned comparison says; four pixels go together.
 */
function passIntegers(pixels: NumberArray): number {
  const first = Math.min(pixels.length, 4 * MOST_DEFECTS);
  passFloats(pixels.subarray(0, first));
  let low = -darkest[0]!;
  let gate = brightest[0]!;
  let at = first;
  // As an integer of 32 bit, from which is subtracted modulo 2^32: the subtraction of doubles takes twice as long.
  let from = low | 0;
  for (let width = (gate - low) >>> 0; at + 3 < pixels.length; at += 4) {
    if (
      (pixels[at]! - from) >>> 0 <= width &&
      (pixels[at + 1]! - from) >>> 0 <= width &&
      (pixels[at + 2]! - from) >>> 0 <= width &&
      (pixels[at + 3]! - from) >>> 0 <= width
    )
      continue;
    for (let one = at; one < at + 4; one++) {
      const value = pixels[one]!;
      if (value < low) low = -insert(darkest, -value);
      if (value > gate) gate = insert(brightest, value);
    }
    from = low | 0;
    width = (gate - low) >>> 0;
  }
  for (; at < pixels.length; at++) {
    const value = pixels[at]!;
    if (value < low) low = -insert(darkest, -value);
    if (value > gate) gate = insert(brightest, value);
  }
  return 0;
}

/** The same for all numbers; returns how many are not finite. */
function passFloats(pixels: NumberArray): number {
  return look(pixels, 0, pixels.length);
}

function look(pixels: NumberArray, from: number, end: number): number {
  let low = -darkest[0]!;
  let gate = brightest[0]!;
  let notFinite = 0;
  for (let at = from; at < end; at++) {
    const value = pixels[at]!;
    if (value >= low && value <= gate) continue;
    if (value - value !== 0) {
      notFinite++;
    } else {
      if (value < low) low = -insert(darkest, -value);
      if (value > gate) gate = insert(brightest, value);
    }
  }
  return notFinite;
}

/** The same by a scanner: each pixel that may be an extreme is looked at in its turn. */
function passScanned(pixels: NumberArray, scanner: Scanner): number {
  let notFinite = 0;
  let at = 0;
  while (at < pixels.length) {
    const [low, high] = [-darkest[0]!, brightest[0]!];
    if (low <= high) at = scanner.next(at, low, high);
    const end = Math.min(at + scanner.step, pixels.length);
    notFinite += look(pixels, at, end);
    at = end;
  }
  return notFinite + scanner.passed();
}

/** Puts a value in place of the lowest one; returns the new lowest. */
function insert(top: Float64Array, value: number): number {
  let at = 0;
  for (; at + 1 < top.length && top[at + 1]! < value; at++) top[at] = top[at + 1]!;
  top[at] = value;
  return top[0]!;
}

function footOf(pixels: NumberArray, none: number): number {
  let count = 0;
  const samples = Math.min(SAMPLES, pixels.length);
  for (let index = 1; index <= samples; index++) {
    const place = pixels.length <= SAMPLES ? index - 1 : Math.floor(((index * GOLDEN) % 1) * pixels.length);
    const value = pixels[place]!;
    if (value - value === 0) sample[count++] = value;
  }
  if (count === 0) return none;
  return sample.subarray(0, count).sort()[Math.floor(FOOT * (count - 1))]!;
}
