import type { Box } from "../../../analysis/project";
import type { NumberArray } from "../../../analysis/statistics";
import { isNarrow } from "./light";

/** Length of a corner in parts of the edge: ISO 11146-3 has 2 to 5 %, laserbeamsize this. */
const CORNER = 0.035;
/** Pixels up to so many standard deviations of the corners above their mean are dark; ISO 11146-3 has 2 to 4. */
const DARK = 3;

/** Of the pixels of a region without light. */
export interface Background {
  /** mean */
  level: number;
  /** standard deviation of a pixel, of the whole population */
  noise: number;
  /** how many there are */
  pixels: number;
  /** each n-th row was looked at */
  everyRow: number;
}

/**
 * The background of `region`, a part of an array that is `columns` wide, by ISO 11146-3 (equation 59): the four corners
 * tell which pixels are dark, and these tell the background. The corners alone are few pixels, and an error of the level
 * counts once for each pixel of a beam's box. Of the rows each `every`-th is used. Null: the corners have no finite pixels.
 */
export function backgroundOf(pixels: NumberArray, columns: number, region: Box, every: number): Background | null {
  const corners = cornersOf(pixels, columns, region, every);
  if (corners === null) return null;
  const limit = corners.level + DARK * corners.noise;
  let [count, sum, squares] = [0, 0, 0];
  const narrow = isNarrow(pixels);
  for (let row = 0; row < region.height; row += every) {
    const start = (region.y + row) * columns + region.x;
    if (narrow) addIntegers(pixels, start, region.width, Math.floor(limit), Math.round(corners.level));
    else addFinite(pixels, start, region.width, limit, corners.level);
    count += dark[0]!;
    sum += dark[1]!;
    squares += dark[2]!;
  }
  // Of all rows but those of the corners, there may be none so dark.
  if (count === 0) return corners;
  const mean = sum / count;
  const middle = narrow ? Math.round(corners.level) : corners.level;
  return {
    level: middle + mean,
    noise: Math.sqrt(Math.max(squares / count - mean * mean, 0)),
    pixels: count,
    everyRow: every,
  };
}

// Number, sum and squares of what dark pixels have above the middle.
const dark = new Float64Array(3);

function addFinite(pixels: NumberArray, start: number, width: number, limit: number, middle: number): void {
  let [count, sum, squares] = [0, 0, 0];
  for (let at = start; at < start + width; at++) {
    const value = pixels[at]!;
    if (!(value <= limit) || value === -Infinity) continue;
    const above = value - middle;
    count++;
    sum += above;
    squares += above * above;
  }
  dark[0] = count;
  dark[1] = sum;
  dark[2] = squares;
}

/** The same of integers of at most 16 bit, for whole limits. */
function addIntegers(pixels: NumberArray, start: number, width: number, limit: number, middle: number): void {
  let [count, sum, squares] = [0, 0, 0];
  for (let at = start; at < start + width; at++) {
    const value = pixels[at]!;
    if (value > limit) continue;
    const above = (value - middle) | 0;
    count++;
    sum = (sum + above) | 0;
    squares += above * above;
  }
  dark[0] = count;
  dark[1] = sum;
  dark[2] = squares;
}

function cornersOf(
  pixels: NumberArray,
  columns: number,
  { x, y, width, height }: Box,
  every: number,
): Background | null {
  const across = sizeOf(width);
  const down = sizeOf(height);
  const visit = (found: (value: number) => void): void => {
    for (let row = 0; row < height; row++) {
      if (row === down) row = Math.max(down, height - down);
      const start = (y + row) * columns + x;
      for (let column = 0; column < width; column++) {
        if (column === across) column = Math.max(across, width - across);
        const value = pixels[start + column]!;
        if (value - value === 0) found(value);
      }
    }
  };
  let count = 0;
  let sum = 0;
  visit((value) => {
    count++;
    sum += value;
  });
  if (count === 0) return null;
  const level = sum / count;
  let squares = 0;
  visit((value) => void (squares += (value - level) ** 2));
  return { level, noise: Math.sqrt(squares / count), pixels: count, everyRow: every };
}

function sizeOf(length: number): number {
  return Math.max(1, Math.floor(length * CORNER));
}
