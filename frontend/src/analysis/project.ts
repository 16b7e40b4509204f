import type { NumberArray } from "./statistics";

/** A part of an array of pixels, in whole pixels of the array. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Sums {
  /** sum over the rows, one value for each column of the region */
  x: Float64Array;
  /** sum over the columns, one value for each row of the region */
  y: Float64Array;
  notFinite: number;
  /** the largest finite pixel; -Infinity if there is none */
  max: number;
}

/** Rows of 16 bits that 32-bit sums hold, a multiple of the four that are added at once; as many columns. */
const MOST_NARROW = 32_764;

let narrow = new Int32Array(0);

/**
 * Projections of a region of an image (row major, `columns` wide), which must lie inside of the array. Exact for
 * integers up to 32 bits; of floats, values that are not finite are left out. The arrays of `into` are used again where
 * they fit.
 */
export function project(pixels: NumberArray, columns: number, region: Box, into?: Sums): Sums {
  const { width, height } = region;
  const sums: Sums = {
    x: into?.x.length === width ? into.x : new Float64Array(width),
    y: into?.y.length === height ? into.y : new Float64Array(height),
    notFinite: 0,
    max: -Infinity,
  };
  sums.x.fill(0);
  if (width === 0 || height === 0) {
    sums.y.fill(0);
  } else if (pixels instanceof Float32Array || pixels instanceof Float64Array) {
    addFloats(pixels, columns, region, sums);
  } else if (pixels.BYTES_PER_ELEMENT > 2 || width > MOST_NARROW) {
    addIntegers(pixels, columns, region, sums);
  } else {
    addNarrow(pixels, columns, region, sums);
  }
  return sums;
}

/** Integers of at most 16 bits: whole-number sums, four rows at once. */
function addNarrow(pixels: NumberArray, columns: number, { x, y, width, height }: Box, sums: Sums): void {
  if (narrow.length < width) narrow = new Int32Array(width);
  const below = narrow.subarray(0, width);
  let max = -(2 ** 31);
  for (let first = 0; first < height; first += MOST_NARROW) {
    const end = Math.min(height, first + MOST_NARROW);
    below.fill(0);
    let row = first;
    for (; row + 3 < end; row += 4) {
      let [a, b, c, d] = [0, 0, 0, 0];
      let at0 = (y + row) * columns + x;
      let at1 = at0 + columns;
      let at2 = at1 + columns;
      let at3 = at2 + columns;
      for (let column = 0; column < width; column++) {
        const v0 = pixels[at0++]!;
        const v1 = pixels[at1++]!;
        const v2 = pixels[at2++]!;
        const v3 = pixels[at3++]!;
        if (v0 > max) max = v0;
        if (v1 > max) max = v1;
        if (v2 > max) max = v2;
        if (v3 > max) max = v3;
        a = (a + v0) | 0;
        b = (b + v1) | 0;
        c = (c + v2) | 0;
        d = (d + v3) | 0;
        below[column]! += v0 + v1 + v2 + v3;
      }
      sums.y[row] = a;
      sums.y[row + 1] = b;
      sums.y[row + 2] = c;
      sums.y[row + 3] = d;
    }
    for (; row < end; row++) {
      let across = 0;
      let at = (y + row) * columns + x;
      for (let column = 0; column < width; column++) {
        const value = pixels[at++]!;
        if (value > max) max = value;
        across = (across + value) | 0;
        below[column]! += value;
      }
      sums.y[row] = across;
    }
    for (let column = 0; column < width; column++) sums.x[column]! += below[column]!;
  }
  sums.max = max;
}

function addIntegers(pixels: NumberArray, columns: number, { x, y, width, height }: Box, sums: Sums): void {
  const below = sums.x;
  let max = -Infinity;
  for (let row = 0; row < height; row++) {
    let across = 0;
    let at = (y + row) * columns + x;
    for (let column = 0; column < width; column++) {
      const value = pixels[at++]!;
      if (value > max) max = value;
      across += value;
      below[column]! += value;
    }
    sums.y[row] = across;
  }
  sums.max = max;
}

function addFloats(
  pixels: Float32Array | Float64Array,
  columns: number,
  { x, y, width, height }: Box,
  sums: Sums,
): void {
  const below = sums.x;
  let max = -Infinity;
  let notFinite = 0;
  for (let row = 0; row < height; row++) {
    let across = 0;
    let at = (y + row) * columns + x;
    for (let column = 0; column < width; column++) {
      const value = pixels[at++]!;
      if (value - value !== 0) {
        notFinite++;
        continue;
      }
      if (value > max) max = value;
      across += value;
      below[column]! += value;
    }
    sums.y[row] = across;
  }
  sums.max = max;
  sums.notFinite = notFinite;
}
