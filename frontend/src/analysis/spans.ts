import type { Region, RoiShape } from "../contract";

/** Pixels `start` to `end` - 1 of a row. */
export type Span = (row: number, start: number, end: number) => void;

type Line = Extract<RoiShape, { kind: "line" }>;
type Ellipse = Extract<RoiShape, { kind: "ellipse" }>;
type Polygon = Extract<RoiShape, { kind: "polygon" }>;

/**
 * Calls `span` for all pixels of a shape that lie in an image of `columns` x `rows`, each once. Rows ascend, but for a
 * line, whose pixels come in its direction.
 *
 * A pixel belongs to an ellipse, inscribed in the box of whole pixels, if its centre is inside or on it. It belongs to
 * a polygon by the even-odd rule; a centre on an edge belongs to the side to the right of it or below, so that polygons
 * side by side share no pixel.
 */
export function spans(shape: RoiShape, columns: number, rows: number, span: Span): void {
  const clipped = (row: number, start: number, end: number) => {
    const first = Math.max(start, 0);
    const last = Math.min(end, columns);
    if (row >= 0 && row < rows && first < last) span(row, first, last);
  };
  if (shape.kind === "line") {
    linePixels(shape, (column, row) => clipped(row, column, column + 1));
    return;
  }
  const [x, y, width, height] = roiBox(shape, columns, rows);
  if (shape.kind === "rectangle") {
    for (let row = y; row < y + height; row++) clipped(row, x, x + width);
  } else if (shape.kind === "ellipse") {
    for (let row = y; row < y + height; row++) ellipseRow(shape, row, clipped);
  } else {
    const crossings: number[] = [];
    for (let row = y; row < y + height; row++) polygonRow(shape, row, crossings, clipped);
  }
}

/**
 * Smallest box of whole pixels around a shape, inside of an image of `columns` x `rows`; width or height 0 beside it.
 */
export function roiBox(shape: RoiShape, columns: number, rows: number): Region {
  const [left, top, right, bottom] = boxOf(shape);
  const x = Math.min(Math.max(left, 0), columns);
  const y = Math.min(Math.max(top, 0), rows);
  return [x, y, Math.max(0, Math.min(right, columns) - x), Math.max(0, Math.min(bottom, rows) - y)];
}

/** First column and row, and those after the last. */
function boxOf(shape: RoiShape): [left: number, top: number, right: number, bottom: number] {
  if (shape.kind === "rectangle" || shape.kind === "ellipse") {
    const { x, y, width, height } = shape;
    return [Math.round(x), Math.round(y), Math.round(x + width), Math.round(y + height)];
  }
  const points =
    shape.kind === "line"
      ? ([
          [shape.x0, shape.y0],
          [shape.x1, shape.y1],
        ] as const)
      : shape.points;
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], nearest(x));
    box[1] = Math.min(box[1], nearest(y));
    box[2] = Math.max(box[2], nearest(x) + 1);
    box[3] = Math.max(box[3], nearest(y) + 1);
  }
  return box[0] === Infinity ? [0, 0, 0, 0] : box;
}

/** Pixel whose area a place is in. */
export function nearest(place: number): number {
  return Math.floor(place + 0.5);
}

/** Steps of one pixel that a line has room for; of 5 pixels length it has 6 points. */
export function lineSteps({ x0, y0, x1, y1 }: Omit<Line, "kind">): number {
  // Rounding must not take its last point from a line of whole length.
  return Math.floor(Math.hypot(x1 - x0, y1 - y0) + 1e-9);
}

function linePixels(line: Line, pixel: (column: number, row: number) => void): void {
  const { x0, y0, x1, y1 } = line;
  const length = Math.hypot(x1 - x0, y1 - y0);
  let [lastColumn, lastRow] = [Number.NaN, Number.NaN];
  for (let step = 0; step <= lineSteps(line); step++) {
    const part = length > 0 ? step / length : 0;
    const column = nearest(x0 + (x1 - x0) * part);
    const row = nearest(y0 + (y1 - y0) * part);
    // Steps go forward, so a pixel that comes twice comes twice in a row.
    if (column === lastColumn && row === lastRow) continue;
    pixel(column, row);
    [lastColumn, lastRow] = [column, row];
  }
}

function ellipseRow({ x, y, width, height }: Ellipse, row: number, span: Span): void {
  const down = (row - (y + (height - 1) / 2)) / (height / 2);
  const half = (width / 2) * Math.sqrt(1 - down * down);
  const middle = x + (width - 1) / 2;
  span(row, Math.ceil(middle - half), Math.floor(middle + half) + 1);
}

function polygonRow({ points }: Polygon, row: number, crossings: number[], span: Span): void {
  crossings.length = 0;
  let [x0, y0] = points[points.length - 1]!;
  for (const [x1, y1] of points) {
    if (y0 <= row !== y1 <= row) crossings.push(x0 + ((row - y0) * (x1 - x0)) / (y1 - y0));
    [x0, y0] = [x1, y1];
  }
  crossings.sort((a, b) => a - b);
  for (let at = 0; at + 1 < crossings.length; at += 2) {
    span(row, Math.ceil(crossings[at]!), Math.ceil(crossings[at + 1]!));
  }
}

/** No image has room for a line of more pixels, which would only take memory. */
const MOST_LINE = 200_000;

/** Lines come from outside too, and may have any length. */
export function isSoundLine({ x0, y0, x1, y1 }: Omit<Line, "kind">): boolean {
  return Math.hypot(x1 - x0, y1 - y0) <= MOST_LINE;
}
