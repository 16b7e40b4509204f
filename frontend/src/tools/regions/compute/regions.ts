import type { Axis, Roi, RoiStatistics } from "../../../contract";
import { axisValues } from "../../../analysis/axis";
import { roiBox, spans } from "../../../analysis/spans";
import type { NumberArray } from "../../../analysis/statistics";

// Of all rows so far, and of the last one.
const [NOT_FINITE, MIN, MAX, SUM, SUM_X] = [0, 1, 2, 3, 4];
const totals = new Float64Array(5);

/**
 * Statistics of the finite pixels of a region. `pixels` is an array of `columns` x `rows` whose first pixel lies at
 * `place` in the source's image: all of the image, or a part of it. Pixels of the region that lie in the image but not
 * in the array are `missing`.
 */
export function roiStatistics(
  roi: Roi,
  pixels: NumberArray,
  columns: number,
  rows: number,
  place: { x: number; y: number },
  image: { columns: number; rows: number },
  axes: { x: Axis; y: Axis },
): RoiStatistics {
  const [left, top, width, height] = roiBox(roi.shape, image.columns, image.rows);
  const x = axisValues(axes.x, left, width);
  const y = axisValues(axes.y, top, height);
  let wanted = 0;
  let there = 0;
  let sum = 0;
  let lost = 0;
  let sumX = 0;
  let sumY = 0;
  totals.set([0, Infinity, -Infinity]);
  // Row by row, and the rows with what rounding takes from the sum (Kahan and Babuska, after Neumaier 1974), so that
  // floats lose no digits; integers lose none anyhow.
  visit(
    (row, first, at, end) => {
      addRow(pixels, at, end, x, first - left);
      const across = totals[SUM]!;
      const next = sum + across;
      lost += Math.abs(sum) >= Math.abs(across) ? sum - next + across : across - next + sum;
      sum = next;
      sumX += totals[SUM_X]!;
      sumY += across * y[row - top]!;
    },
    (count, sent) => {
      wanted += count;
      there += sent;
    },
  );
  const [notFinite, min, max] = [totals[NOT_FINITE]!, totals[MIN]!, totals[MAX]!];
  const total = sum + lost;
  const finite = there - notFinite;
  const known = finite > 0 && Number.isFinite(total);
  const mean = known ? total / finite : null;
  return {
    id: roi.id,
    pixels: there,
    notFinite,
    sum: known ? total : null,
    mean,
    sigma: mean === null ? null : sigmaAbout(mean, finite),
    min: finite > 0 ? min : null,
    max: finite > 0 ? max : null,
    centroid: known && total > 0 && Number.isFinite(sumX + sumY) ? [sumX / total, sumY / total] : null,
    missing: wanted > 0 ? (wanted - there) / wanted : 0,
  };

  /**
   * Spans inside of the array: their row and first column in the image, and their places in the array. And how many
   * pixels of each the image has, and the array.
   */
  function visit(
    inside: (row: number, first: number, at: number, end: number) => void,
    counted?: (count: number, sent: number) => void,
  ): void {
    spans(roi.shape, image.columns, image.rows, (row, start, end) => {
      const first = Math.max(start, place.x);
      const count = Math.min(end, place.x + columns) - first;
      const sent = row >= place.y && row < place.y + rows && count > 0;
      counted?.(end - start, sent ? count : 0);
      if (!sent) return;
      const at = (row - place.y) * columns + first - place.x;
      inside(row, first, at, at + count);
    });
  }

  /** A second pass, because differences of squares lose their digits on a high pedestal. */
  function sigmaAbout(mean: number, finite: number): number | null {
    let squares = 0;
    visit((_row, _first, at, end) => void (squares += squaresOf(pixels, at, end, mean)));
    const sigma = Math.sqrt(squares / finite);
    return Number.isFinite(sigma) ? sigma : null;
  }
}

/** Adds up the pixels from `at` to `end` - 1 into `totals`; `x` has the position of the first of them at `place`. */
function addRow(pixels: NumberArray, at: number, end: number, x: Float64Array, place: number): void {
  let notFinite = 0;
  let min = totals[MIN]!;
  let max = totals[MAX]!;
  let sum = 0;
  let sumX = 0;
  for (; at < end; at++, place++) {
    const value = pixels[at]!;
    if (value - value !== 0) {
      notFinite++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    sumX += value * x[place]!;
  }
  totals[NOT_FINITE]! += notFinite;
  totals[MIN] = min;
  totals[MAX] = max;
  totals[SUM] = sum;
  totals[SUM_X] = sumX;
}

function squaresOf(pixels: NumberArray, at: number, end: number, mean: number): number {
  let squares = 0;
  for (; at < end; at++) {
    const difference = pixels[at]! - mean;
    if (difference - difference === 0) squares += difference * difference;
  }
  return squares;
}
