/** Line cuts of 64-bit integers that doubles do not hold: exact, as bigint. */

import { lineSteps, nearest } from "../../../analysis/spans";
import type { Line } from "./line-cut";

interface Place {
  x: number;
  y: number;
}

/** The pixels along a line of one pixel's width, as `lineCut` takes them; null where nothing was sent. */
export function wideLine(
  line: Line,
  wide: BigInt64Array | BigUint64Array,
  columns: number,
  rows: number,
  place: Place,
): (bigint | null)[] {
  const { x0, y0, x1, y1 } = line;
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [alongX, alongY] = length > 0 ? [(x1 - x0) / length, (y1 - y0) / length] : [1, 0];
  return Array.from({ length: lineSteps(line) + 1 }, (_, step) => {
    const column = nearest(x0 + alongX * step) - place.x;
    const row = nearest(y0 + alongY * step) - place.y;
    const inside = column >= 0 && column < columns && row >= 0 && row < rows;
    return inside ? wide[row * columns + column]! : null;
  });
}
