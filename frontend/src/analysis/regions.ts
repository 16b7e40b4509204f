import type { Axis, Roi, RoiStatistics } from "../contract";
import { axisValues } from "./axis";
import { roiBox, spans } from "./spans";
import type { NumberArray } from "./statistics";

export { roiBox, spans } from "./spans";

/**
 * Statistics of the finite pixels of a region. `pixels` is an array of `columns` x `rows` whose first pixel lies at `place`
 * in the source's image: all of the image, or a part of it. Pixels of the region that lie in the image but not in the
 * array are `missing`.
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
  let notFinite = 0;
  let min = Infinity;
  let max = -Infinity;
  let lostSum = 0;
  let sum = 0;
  let sumX = 0;
  let sumY = 0;
  // Row by row, and the rows with what rounding takes from the sum (Kahan and Babuska, after Neumaier 1974), so that
  // floats lose no digits; integers lose none anyhow.
  visit((row, start, end) => {
    let across = 0;
    let acrossX = 0;
    const first = (row - place.y) * columns - place.x;
    for (let column = start; column < end; column++) {
      const value = pixels[first + column]!;
      if (value - value !== 0) {
        notFinite++;
        continue;
      }
      if (value < min) min = value;
      if (value > max) max = value;
      across += value;
      acrossX += value * x[column - left]!;
    }
    const next = sum + across;
    lostSum += Math.abs(sum) >= Math.abs(across) ? sum - next + across : across - next + sum;
    sum = next;
    sumX += acrossX;
    sumY += across * y[row - top]!;
  }, (count, sent) => {
    wanted += count;
    there += sent;
  });
  const total = sum + lostSum;
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

  /** Spans inside of the array; and how many pixels of each the image has, and the array. */
  function visit(
    inside: (row: number, start: number, end: number) => void,
    counted?: (count: number, sent: number) => void,
  ): void {
    spans(roi.shape, image.columns, image.rows, (row, start, end) => {
      const first = Math.max(start, place.x);
      const last = Math.min(end, place.x + columns);
      const sent = row >= place.y && row < place.y + rows && first < last;
      counted?.(end - start, sent ? last - first : 0);
      if (sent) inside(row, first, last);
    });
  }

  /** A second pass, because differences of squares lose their digits on a high pedestal. */
  function sigmaAbout(mean: number, finite: number): number | null {
    let squares = 0;
    visit((row, start, end) => {
      let across = 0;
      const first = (row - place.y) * columns - place.x;
      for (let column = start; column < end; column++) {
        const difference = pixels[first + column]! - mean;
        if (difference - difference === 0) across += difference * difference;
      }
      squares += across;
    });
    const sigma = Math.sqrt(squares / finite);
    return Number.isFinite(sigma) ? sigma : null;
  }
}
