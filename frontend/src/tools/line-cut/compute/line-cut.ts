import { lineSteps, nearest } from "../../../analysis/spans";
import type { NumberArray } from "../../../analysis/statistics";

export interface Line {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  /** mean over so many pixels across */
  width: number;
}

export interface LineCut {
  /** in pixels from the start of the line */
  distance: Float64Array;
  values: Float64Array;
  /** 64-bit integers without loss, where `values` are rounded; null where nothing was sent */
  exact?: (bigint | null)[];
  /** means of 64-bit integers that doubles do not hold */
  rounded?: boolean;
}

/**
 * Values along a line in steps of one pixel: of the nearest pixel, so that each is a value of the image; for a width of
 * more than one the mean of as many pixels across, without those that were not sent or are not finite. `pixels` is an
 * array of `columns` x `rows` whose first pixel lies at `place` in the source's image; NaN where nothing was sent.
 */
export function lineCut(
  line: Line,
  pixels: NumberArray,
  columns: number,
  rows: number,
  place: { x: number; y: number },
): LineCut {
  const { x0, y0, x1, y1 } = line;
  const width = Math.max(1, Math.round(line.width));
  const length = Math.hypot(x1 - x0, y1 - y0);
  const count = lineSteps(line) + 1;
  const distance = new Float64Array(count);
  const values = new Float64Array(count);
  const alongX = length > 0 ? (x1 - x0) / length : 1;
  const alongY = length > 0 ? (y1 - y0) / length : 0;
  for (let step = 0; step < count; step++) {
    distance[step] = step;
    let sum = 0;
    let found = 0;
    for (let lane = 0; lane < width; lane++) {
      const across = lane - (width - 1) / 2;
      const column = nearest(x0 + alongX * step - alongY * across) - place.x;
      const row = nearest(y0 + alongY * step + alongX * across) - place.y;
      if (column < 0 || column >= columns || row < 0 || row >= rows) continue;
      const value = pixels[row * columns + column]!;
      if (width > 1 && value - value !== 0) continue;
      sum += value;
      found++;
    }
    values[step] = found > 0 ? sum / found : Number.NaN;
  }
  return { distance, values };
}
