import type { Region } from "../contract";

/**
 * Where a picture lies in the image of the source, in pixels of the source: pixel p of the picture covers the pixels
 * from `x + p * binning` to below `x + (p + 1) * binning`, as far as they lie in the region. The last column and row of
 * a preview may therefore be narrower than the others.
 */
export interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
  binning: number;
  /** size of the whole image */
  columns: number;
  rows: number;
}

/** A place is sound if so many columns and rows of pixels cover its region and it lies in the image. */
export function placeOf(
  columns: number,
  rows: number,
  crop: Region | null,
  binning: number,
  of: readonly [number, number] | null,
): Place | null {
  const whole = of ?? (crop === null ? [rows * binning, columns * binning] : null);
  if (whole === null) return null;
  const [x, y, width, height] = crop ?? [0, 0, whole[1], whole[0]];
  const inside = x + width <= whole[1] && y + height <= whole[0];
  const covers = Math.ceil(width / binning) === columns && Math.ceil(height / binning) === rows;
  return inside && covers ? { x, y, width, height, binning, columns: whole[1], rows: whole[0] } : null;
}
