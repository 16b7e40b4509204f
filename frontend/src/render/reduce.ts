/** One line of the canvas out of several rows of a picture, for Canvas 2D: the mean or the largest of each block. */

import type { NumberArray } from "../analysis/statistics";
import type { Reduce } from "../contract";

/** How the pixels of a picture lie in memory, seen from the canvas: steps between neighbours left to right and down. */
export interface Strides {
  across: number;
  down: number;
}

/** A picture covers several of its pixels with one of the canvas only where it is reduced. */
export function isReduced(reduce: Reduce, scale: number): boolean {
  return reduce !== "nearest" && scale < 1;
}

/** Collects the blocks of one line of the canvas after the other. */
export class BlockLine {
  /** of the finite pixels of each block; NaN where there is none */
  values = new Float64Array(0);
  private counts = new Int32Array(0);

  resize(width: number): void {
    this.values = new Float64Array(width);
    this.counts = new Int32Array(width);
  }

  /**
   * Fills `values` from canvas pixel `first` to below `last`.
   *
   * @param from first pixel of the picture across for each canvas pixel, `to` behind the last one
   * @param top first pixel of the picture down, `bottom` behind the last one
   * @param start place of the picture's first pixel in `numbers`
   */
  fill(
    reduce: "mean" | "max",
    numbers: NumberArray,
    start: number,
    { across, down }: Strides,
    from: Int32Array,
    to: Int32Array,
    first: number,
    last: number,
    top: number,
    bottom: number,
  ): void {
    const { values, counts } = this;
    const begin = reduce === "max" ? -Infinity : 0;
    values.fill(begin, first, last);
    counts.fill(0, first, last);
    for (let line = top; line < bottom; line++) {
      const row = start + line * down;
      for (let x = first; x < last; x++) {
        const end = row + to[x]! * across;
        let value = values[x]!;
        let count = counts[x]!;
        for (let at = row + from[x]! * across; at < end; at += across) {
          const pixel = numbers[at]!;
          // Neither NaN nor an infinity counts.
          if (pixel - pixel !== 0) continue;
          count++;
          if (reduce === "mean") value += pixel;
          else if (pixel > value) value = pixel;
        }
        values[x] = value;
        counts[x] = count;
      }
    }
    for (let x = first; x < last; x++) {
      const count = counts[x]!;
      if (count === 0) values[x] = Number.NaN;
      else if (reduce === "mean") values[x] = values[x]! / count;
    }
  }
}
