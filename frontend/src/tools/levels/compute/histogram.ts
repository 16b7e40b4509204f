import type { NumberArray } from "../../../analysis/statistics";

/** Counts of values; bin i begins at low + i * width. With a width of 0 all values are `low`. */
export interface Histogram {
  counts: Float64Array;
  low: number;
  width: number;
}

/** Values of 16 bits; four tables, because adding to the same counter again has to wait for the first time. */
const NARROW = 65_536;
const TABLES = 4;
let tables: Uint32Array | null = null;

/**
 * Counts all finite values within `range`, both ends included, usually the lowest and the highest of the pixels. Bins
 * of integers are 1, 2, 3 ... whole numbers wide, so that each holds as many of them and no comb appears; there may be
 * fewer bins than `bins` then. `into` is used again for the counts where it has the right length.
 */
export function histogram(
  pixels: NumberArray,
  range: [low: number, high: number],
  integer: boolean,
  bins = 256,
  into?: Float64Array,
): Histogram {
  const [low, high] = integer ? [Math.ceil(range[0]), Math.floor(range[1])] : range;
  if (!integer) {
    const width = high / bins - low / bins;
    const counts = emptied(width > 0 ? bins : 1, into);
    countFloats(pixels, low, high, counts);
    return { counts, low, width };
  }
  const values = Math.max(1, high - low + 1);
  const width = Math.ceil(values / bins);
  const counts = emptied(Math.ceil(values / width), into);
  if (pixels.BYTES_PER_ELEMENT <= 2) countNarrow(pixels, low, high, width, counts);
  else countIntegers(pixels, low, high, width, counts);
  return { counts, low, width };
}

function emptied(length: number, into?: Float64Array): Float64Array {
  return into?.length === length ? into.fill(0) : new Float64Array(length);
}

function countFloats(pixels: NumberArray, low: number, high: number, counts: Float64Array): void {
  // Half of everything, where the distance of the ends is no finite number.
  const part = Number.isFinite(high - low) ? 1 : 0.5;
  const start = low * part;
  const span = high * part - start;
  const bins = counts.length;
  const last = bins - 1;
  // Divided by the span only where its inverse would overflow.
  const perValue = bins / span;
  const small = !Number.isFinite(perValue);
  for (let at = 0; at < pixels.length; at++) {
    const value = pixels[at]!;
    // Not a number is never within.
    if (!(value >= low && value <= high)) continue;
    const distance = value * part - start;
    const bin = small ? (distance / span) * bins : distance * perValue;
    counts[bin < last ? bin | 0 : last]!++;
  }
}

function countIntegers(pixels: NumberArray, low: number, high: number, width: number, counts: Float64Array): void {
  const last = counts.length - 1;
  for (let at = 0; at < pixels.length; at++) {
    const value = pixels[at]!;
    if (!(value >= low && value <= high)) continue;
    // The smallest fraction, 1 / width, is far above rounding.
    const bin = (value - low) / width;
    counts[bin < last ? bin | 0 : last]!++;
  }
}

/** Types of at most 16 bits: all is in the number of times that each value occurs. */
function countNarrow(pixels: NumberArray, low: number, high: number, width: number, counts: Float64Array): void {
  tables ??= new Uint32Array(TABLES * NARROW);
  tables.fill(0);
  const table = tables;
  let at = 0;
  for (; at + 3 < pixels.length; at += 4) {
    table[pixels[at]! & 0xffff]!++;
    table[(pixels[at + 1]! & 0xffff) + NARROW]!++;
    table[(pixels[at + 2]! & 0xffff) + 2 * NARROW]!++;
    table[(pixels[at + 3]! & 0xffff) + 3 * NARROW]!++;
  }
  for (; at < pixels.length; at++) table[pixels[at]! & 0xffff]!++;
  const signed = pixels instanceof Int8Array || pixels instanceof Int16Array;
  const lowest = Math.max(low, signed ? -NARROW / 2 : 0);
  const highest = Math.min(high, (signed ? NARROW / 2 : NARROW) - 1);
  for (let value = lowest; value <= highest; value++) {
    const place = value & 0xffff;
    const count = table[place]! + table[place + NARROW]! + table[place + 2 * NARROW]! + table[place + 3 * NARROW]!;
    if (count > 0) counts[Math.floor((value - low) / width)]! += count;
  }
}
