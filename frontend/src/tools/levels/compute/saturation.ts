import type { DType } from "../../../contract";
import type { NumberArray } from "../../../analysis/statistics";

/** Full scales of cameras of 8, 10, 12, 14 and 16 bit. */
const FULL_SCALES = [255, 1023, 4095, 16383, 65535];
/** Of those of 10, 12 and 14 bit with their bits at the upper end of 16, and the step of their values. */
const LEFT_JUSTIFIED: [level: number, step: number][] = [
  [1023 * 64, 64],
  [4095 * 16, 16],
  [16383 * 4, 4],
];

/** As many pixels at the level make a guess believable; fewer may be defects, as the server has it. */
export const FEWEST_SATURATED = 3;

const LARGEST_STEP = 256;
const SAMPLES = 4096;
/** Fractional part of the golden ratio: its multiples visit a picture evenly without keeping to columns or rows. */
const GOLDEN = 0.6180339887498949;

/**
 * Level from which on pixels count as saturated: the largest value, if it is exactly the full scale of a camera; null:
 * not known. `step` is that of the values (`commonStep`), and must suit a camera with its bits at the upper end of 16
 * where it is given. The server (`ingest/image_statistics.py`) takes the same levels, if `FEWEST_SATURATED` pixels have them.
 */
export function guessSaturation(
  dtype: DType,
  range: [min: number, max: number] | null,
  step?: number,
): { level: number | null } {
  if (range === null || dtype === "float32" || dtype === "float64" || dtype === "bool") return { level: null };
  const max = range[1];
  const known =
    FULL_SCALES.includes(max) ||
    LEFT_JUSTIFIED.some(([level, of]) => level === max && (step === undefined || step % of === 0));
  return { level: known ? max : null };
}

/**
 * Greatest power of two up to 256 that divides all values of a sample of 4096 pixels, zeros aside; 1 where there are
 * none, and for values that are not whole.
 */
export function commonStep(pixels: NumberArray): number {
  let bits = 0;
  const samples = Math.min(SAMPLES, pixels.length);
  for (let index = 1; index <= samples; index++) {
    const place = pixels.length <= SAMPLES ? index - 1 : Math.floor(((index * GOLDEN) % 1) * pixels.length);
    const value = pixels[place]!;
    if (value % 1 !== 0) return 1;
    // All that counts are the lowest bits, which a remainder has as well, however large the value.
    bits |= value % LARGEST_STEP === 0 && value !== 0 ? LARGEST_STEP : value % LARGEST_STEP;
  }
  return bits === 0 ? 1 : bits & -bits;
}

/** Number of finite pixels at or above a level. */
export function countFrom(pixels: NumberArray, level: number): number {
  let count = 0;
  for (let at = 0; at < pixels.length; at++) if (pixels[at]! >= level) count++;
  if (pixels instanceof Float32Array || pixels instanceof Float64Array) {
    for (let at = 0; at < pixels.length; at++) if (pixels[at] === Infinity) count--;
  }
  return count;
}
