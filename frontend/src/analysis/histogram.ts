import type { NumberArray } from "./statistics";

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

/**
 * The same counts in `bins` bins from `low2` to `high2`, for drawing: a bin that lies in several new ones is divided
 * among them, and what lies beyond is left out.
 */
export function rebin(
  counts: Float64Array,
  low: number,
  width: number,
  low2: number,
  high2: number,
  bins: number,
): Histogram {
  const width2 = (high2 - low2) / bins;
  const found = new Float64Array(bins);
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at]!;
    if (count === 0) continue;
    const start = (low + at * width - low2) / width2;
    const end = (low + (at + 1) * width - low2) / width2;
    if (!(end > start)) {
      // One value, or bins that are nothing on the new scale; the end of the range belongs to it.
      if (start >= 0 && start <= bins) found[Math.min(Math.floor(start), bins - 1)]! += count;
      continue;
    }
    const last = Math.min(end, bins);
    for (let bin = Math.max(0, Math.floor(start)); bin < last; bin++) {
      found[bin]! += (count * (Math.min(end, bin + 1) - Math.max(start, bin))) / (end - start);
    }
  }
  return { counts: found, low: low2, width: width2 };
}

/**
 * Value below which `p` percent of the counts lie, null without counts. Within a bin values are taken to be spread
 * evenly: over all of it, or, of integers, over the whole numbers that it holds.
 */
export function percentile({ counts, low, width }: Histogram, p: number, integer = false): number | null {
  const total = sumOf(counts);
  if (total === 0) return null;
  const wanted = (Math.min(Math.max(p, 0), 100) / 100) * total;
  let below = 0;
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at]!;
    if (count > 0 && below + count >= wanted) {
      const part = ((wanted - below) / count) * width;
      return low + at * width + (integer ? Math.max(0, Math.ceil(part) - 1) : part);
    }
    below += count;
  }
  return low + counts.length * width;
}

/**
 * Mean and standard deviation of the values, as exact as the bins are narrow: all values of a bin count as its middle,
 * which for integers is that of the whole numbers that it holds. Null without counts.
 */
export function momentsOf(
  { counts, low, width }: Histogram,
  integer = false,
): { mean: number; sigma: number } | null {
  const total = sumOf(counts);
  if (total === 0) return null;
  let first = 0;
  for (let at = 0; at < counts.length; at++) first += at * counts[at]!;
  const middle = first / total;
  let second = 0;
  for (let at = 0; at < counts.length; at++) second += (at - middle) ** 2 * counts[at]!;
  const half = integer ? (width - 1) / 2 : width / 2;
  return { mean: low + half + middle * width, sigma: Math.sqrt(second / total) * width };
}

function sumOf(counts: Float64Array): number {
  let total = 0;
  for (let at = 0; at < counts.length; at++) total += counts[at]!;
  return total;
}
