/**
 * Automatic levels by rules that say exactly what they are: lowest and highest value, percentiles, or the mean and so
 * many standard deviations. Those that do not flicker by themselves are in levels.ts.
 */

import type { AutoRule, DType } from "../../../contract";
import { flat } from "./levels";
import type { NumberArray } from "../../../analysis/statistics";
import { differenceFactor, limitsOf } from "../../../analysis/type-limits";

type Pair = [low: number, high: number];

/** What of contract.Levels these rules need. */
export interface LevelsRule {
  rule: Exclude<AutoRule, "steady">;
  percentiles: readonly [low: number, high: number];
  sigmas: number;
}

/** Counts of the finite values of an image and what is exactly known of them. */
export interface CountedValues {
  /** bin i begins at low + i * width */
  counts: ArrayLike<number>;
  low: number;
  width: number;
  /** null: the sum of the bins has to do */
  mean: number | null;
}

/** Pixels of types that are not counted: percentiles are those of so many of them, always at the same places. */
const SAMPLES = 2 ** 17;
const GOLDEN = 0.6180339887498949;
/** Values of 16 bit. */
const COUNTS = 65536;

let counts: Uint32Array | null = null;
let sample: Float64Array | null = null;

/** Levels of the finite pixels; null if there is none. Low and high may be equal, see `spanned`. */
export function levelsOfPixels(pixels: NumberArray, { rule, percentiles, sigmas }: LevelsRule): Pair | null {
  switch (rule) {
    case "minmax":
      return extremes(pixels);
    case "percentile":
      return percentilesOf(pixels, percentiles);
    case "sigma":
      return around(moments(pixels), sigmas);
  }
}

/** The same from counts, as the server sends them; a percentile lies within its bin. `range`: the exact extremes. */
export function levelsOfCounts(
  values: CountedValues,
  range: readonly [number, number],
  integer: boolean,
  { rule, percentiles, sigmas }: LevelsRule,
): Pair {
  switch (rule) {
    case "minmax":
      return [range[0], range[1]];
    case "percentile": {
      const [low, high] = percentiles.map((percent) => percentileOfCounts(values, percent, integer)) as Pair;
      return [within(low, range), within(high, range)];
    }
    case "sigma":
      return around(momentsOfCounts(values, integer), sigmas) ?? [range[0], range[1]];
  }
}

/** Levels that a colour scale can have: high above low, whole numbers around them for integers, inside of the type. */
export function spanned([low, high]: Readonly<Pair>, dtype: DType): Pair {
  const limits = limitsOf(dtype);
  const integer = dtype !== "float32" && dtype !== "float64";
  const from = within(integer ? Math.floor(low) : low, limits);
  const to = within(integer ? Math.ceil(high) : high, limits);
  return to > from ? [from, to] : flat(from, limits[1], limits[0]);
}

/** Part of the span by which either level has to change before both follow. */
const CALM = 0.02;

/**
 * Levels that rest while what is wanted of them changes by less than 2 % of their span. Extremes are never cut off:
 * they widen the levels at once, or the brightest pixel would have the colour of what lies above the levels.
 */
export class CalmLevels {
  present: Pair | null = null;

  reset(): void {
    this.present = null;
  }

  /**
   * @param wanted null: nothing can be said of this frame
   * @param extremes they are the lowest and highest value
   */
  update(wanted: Pair | null, extremes = false): Pair {
    if (wanted === null) return this.present ?? [0, 1];
    if (this.present === null) return (this.present = wanted);
    const q = differenceFactor(...this.present, ...wanted);
    const [low, high] = [this.present[0] * q, this.present[1] * q];
    const [first, last] = [wanted[0] * q, wanted[1] * q];
    const most = CALM * (high - low);
    const outwards = extremes ? 0 : most;
    const rests = first >= low - outwards && first <= low + most && last <= high + outwards && last >= high - most;
    if (rests) return this.present;
    // What sticks out widens the levels and leaves the other one where it rests.
    const narrower = first > low + most || last < high - most;
    const widened: Pair = [Math.min(this.present[0], wanted[0]), Math.max(this.present[1], wanted[1])];
    return (this.present = extremes && !narrower ? widened : wanted);
  }
}

function extremes(pixels: NumberArray): Pair | null {
  let low = Infinity;
  let high = -Infinity;
  for (let at = 0; at < pixels.length; at++) {
    const value = pixels[at]!;
    if (value - value !== 0) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

interface Moments {
  mean: number;
  sigma: number;
}

function around(moments: Moments | null, sigmas: number): Pair | null {
  return moments === null ? null : [moments.mean - sigmas * moments.sigma, moments.mean + sigmas * moments.sigma];
}

/** Squares of larger numbers are infinite: they are computed of so small a part of them. */
const SMALL = 2 ** -600;

/** In distances from one of the values, so that a narrow distribution far from zero keeps its figures. */
function moments(pixels: NumberArray): Moments | null {
  const found = momentsTimes(pixels, 1);
  return found === null || Number.isFinite(found.sigma) ? found : momentsTimes(pixels, SMALL);
}

function momentsTimes(pixels: NumberArray, unit: number): Moments | null {
  let start = 0;
  while (start < pixels.length && pixels[start]! - pixels[start]! !== 0) start++;
  if (start === pixels.length) return null;
  const origin = pixels[start]! * unit;
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let at = start; at < pixels.length; at++) {
    const value = pixels[at]! * unit;
    if (value - value !== 0) continue;
    const distance = value - origin;
    count++;
    sum += distance;
    squares += distance * distance;
  }
  const mean = sum / count;
  return { mean: (origin + mean) / unit, sigma: rms(squares / count - mean * mean) / unit };
}

/** Rounding may leave less than nothing; NaN stays what it is. */
function rms(square: number): number {
  return square < 0 ? 0 : Math.sqrt(square);
}

function momentsOfCounts(values: CountedValues, integer: boolean): Moments | null {
  // Of the least of widths, whose squares are finite whatever they are.
  const unit = values.width > 1 / SMALL ? SMALL : 1;
  const width = values.width * unit;
  const { counts: of, low, mean: known } = values;
  // The middle of the values that fall into a bin.
  const middle = integer ? (width - 1) / 2 : width / 2;
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let bin = 0; bin < of.length; bin++) {
    const distance = bin * width + middle;
    count += of[bin]!;
    sum += of[bin]! * distance;
    squares += of[bin]! * distance * distance;
  }
  if (count === 0) return null;
  const mean = sum / count;
  return { mean: known ?? low + mean / unit, sigma: rms(squares / count - mean * mean) / unit };
}

/** Nearest value from below: a percentile is always a value of the image. */
function percentilesOf(pixels: NumberArray, percentiles: readonly [number, number]): Pair | null {
  if (pixels.length === 0) return null;
  if (pixels instanceof Float32Array || pixels instanceof Float64Array || pixels.BYTES_PER_ELEMENT > 2) {
    const values = finiteSample(pixels);
    if (values.length === 0) return null;
    return percentiles.map((percent) => select(values, rankOf(percent, values.length))) as Pair;
  }
  const first = countAll(pixels);
  const pair = percentiles.map((percent) => {
    let left = rankOf(percent, pixels.length);
    let value = 0;
    while (left >= counts![value]!) left -= counts![value++]!;
    return value + first;
  });
  return pair as Pair;
}

/** Counts the values into `counts`; returns the value that the first of them stands for. */
function countAll(pixels: NumberArray): number {
  counts ??= new Uint32Array(COUNTS);
  counts.fill(0);
  const first = pixels instanceof Int8Array || pixels instanceof Int16Array ? -(COUNTS / 2) : 0;
  for (let at = 0; at < pixels.length; at++) counts[pixels[at]! - first]!++;
  return first;
}

function percentileOfCounts({ counts: of, low, width }: CountedValues, percent: number, integer: boolean): number {
  let count = 0;
  for (let bin = 0; bin < of.length; bin++) count += of[bin]!;
  let left = rankOf(percent, count);
  let bin = 0;
  while (bin < of.length - 1 && left >= of[bin]!) left -= of[bin++]!;
  const inside = of[bin]! > 0 ? (left / of[bin]!) * width : 0;
  return low + bin * width + (integer ? Math.floor(inside) : inside);
}

/** Which of `count` sorted values, from 0. */
function rankOf(percent: number, count: number): number {
  return Math.floor((Math.min(Math.max(percent, 0), 100) / 100) * (count - 1));
}

function finiteSample(pixels: NumberArray): Float64Array {
  sample ??= new Float64Array(SAMPLES);
  const samples = Math.min(SAMPLES, pixels.length);
  let count = 0;
  for (let index = 0; index < samples; index++) {
    const place = pixels.length <= SAMPLES ? index : Math.floor(((index * GOLDEN) % 1) * pixels.length);
    const value = pixels[place]!;
    if (value - value === 0) sample[count++] = value;
  }
  return sample.subarray(0, count);
}

/** The value that would be at `rank` if all were sorted; changes their order (Hoare's quickselect). */
function select(values: Float64Array, rank: number): number {
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    const pivot = values[(first + last) >> 1]!;
    let up = first;
    let down = last;
    while (up <= down) {
      while (values[up]! < pivot) up++;
      while (values[down]! > pivot) down--;
      if (up > down) break;
      const value = values[up]!;
      values[up++] = values[down]!;
      values[down--] = value;
    }
    if (rank <= down) last = down;
    else if (rank >= up) first = up;
    else break;
  }
  return values[rank]!;
}

function within(value: number, [lowest, highest]: readonly [number, number]): number {
  return Math.min(Math.max(value, lowest), highest);
}
