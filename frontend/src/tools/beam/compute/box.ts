import type { Principal } from "./ellipse";
import { firstFrom } from "./lengths";

/** A rectangle along principal axes, in lengths to the right and downwards; `half` of its sides. */
export interface AxesBox {
  x: number;
  y: number;
  right: number;
  down: number;
  halfMajor: number;
  halfMinor: number;
}

/** The box of so many D4-sigma diameters around a beam whose variances are positive. */
export function boxAround({ x, y, right, down, major, minor }: Principal, diameters: number): AxesBox {
  return {
    x,
    y,
    right,
    down,
    halfMajor: 2 * diameters * Math.sqrt(major),
    halfMinor: 2 * diameters * Math.sqrt(minor),
  };
}

/**
 * Calls `span` for the pixels of each `every`-th row whose centres are inside of the box or on it: indices of the row, of
 * its first column, and of the one after its last.
 */
export function boxSpans(
  box: AxesBox,
  xs: Float64Array,
  ys: Float64Array,
  every: number,
  span: (row: number, from: number, to: number) => void,
): void {
  const { x, y, right, down, halfMajor, halfMinor } = box;
  const reach = halfMajor * Math.abs(down) + halfMinor * right;
  const first = firstFrom(ys, y - reach);
  for (let row = Math.ceil(first / every) * every; row < ys.length; row += every) {
    const dy = ys[row]! - y;
    if (dy > reach) break;
    // Along the major axis |dx * right + dy * down| <= halfMajor, across it |dy * right - dx * down| <= halfMinor.
    let [low, high] = [-Infinity, Infinity];
    if (right > 0) {
      low = (-halfMajor - dy * down) / right;
      high = (halfMajor - dy * down) / right;
    }
    if (down !== 0) {
      const [one, other] = [(dy * right - halfMinor) / down, (dy * right + halfMinor) / down];
      low = Math.max(low, Math.min(one, other));
      high = Math.min(high, Math.max(one, other));
    }
    if (!(low <= high)) continue;
    const from = firstFrom(xs, x + low);
    let to = firstFrom(xs, x + high);
    while (to < xs.length && xs[to]! <= x + high) to++;
    if (from < to) span(row, from, to);
  }
}

/** How many pixels of a region a box has. */
export function pixelsIn(box: AxesBox, { xs, ys }: { xs: Float64Array; ys: Float64Array }): number {
  let count = 0;
  boxSpans(box, xs, ys, 1, (_row, from, to) => void (count += to - from));
  return count;
}
