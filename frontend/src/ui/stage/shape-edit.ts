/**
 * Regions of interest as shapes that are drawn, moved and changed, in pixels of the source (contract.RoiShape). Pure:
 * every function returns a new shape that lies in the image.
 */

import type { RoiShape } from "../../contract";
import type { Place } from "../settings";
import type { Size } from "./view";

export type ShapeKind = RoiShape["kind"];
export type BoxShape = Extract<RoiShape, { kind: "rectangle" | "ellipse" }>;

/** What of a shape is taken hold of: all of it, a side or corner of its box (-1 first, 1 last), or a point of it. */
export type RoiPart =
  | { kind: "inside" }
  | { kind: "side"; x: -1 | 0 | 1; y: -1 | 0 | 1 }
  | { kind: "point"; index: number };

/** Columns and rows, not always whole ones. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Two decimals are finer than anybody can point, and short in the URL. */
const DECIMALS = 100;

export function isBox(shape: RoiShape): shape is BoxShape {
  return shape.kind === "rectangle" || shape.kind === "ellipse";
}

/** The points of a line or a polygon; the corners of a box. */
export function pointsOf(shape: RoiShape): Place[] {
  if (shape.kind === "line")
    return [
      { x: shape.x0, y: shape.y0 },
      { x: shape.x1, y: shape.y1 },
    ];
  if (shape.kind === "polygon") return shape.points.map(([x, y]) => ({ x, y }));
  const { x, y, width, height } = shape;
  return [
    { x: x - 0.5, y: y - 0.5 },
    { x: x + width - 0.5, y: y - 0.5 },
    { x: x + width - 0.5, y: y + height - 0.5 },
    { x: x - 0.5, y: y + height - 0.5 },
  ];
}

/** The shape between press and release; null: it lies beside the image. `even`: as wide as high, or a level line. */
export function fromDrag(
  kind: "rectangle" | "ellipse" | "line",
  from: Place,
  to: Place,
  image: Size,
  even: boolean,
): RoiShape | null {
  if (kind === "line") {
    const end = even ? levelled(from, to) : to;
    return lineOf(inside(from, image), inside(end, image));
  }
  const box = boxBetween(from, to, image, even);
  return box === null ? null : { kind, ...box };
}

/** Moved by so many pixels, whole ones for boxes, as far as it stays in the image. */
export function moved(shape: RoiShape, dx: number, dy: number, image: Size): RoiShape {
  if (isBox(shape)) {
    return {
      ...shape,
      x: limited(Math.round(shape.x + dx), 0, image.width - shape.width),
      y: limited(Math.round(shape.y + dy), 0, image.height - shape.height),
    };
  }
  const points = pointsOf(shape);
  const shift = (by: number, values: number[], last: number): number =>
    limited(by, -0.5 - Math.min(...values), last - 0.5 - Math.max(...values));
  const sx = shift(
    dx,
    points.map(({ x }) => x),
    image.width,
  );
  const sy = shift(
    dy,
    points.map(({ y }) => y),
    image.height,
  );
  return withPoints(
    shape,
    points.map(({ x, y }) => ({ x: x + sx, y: y + sy })),
  );
}

/** With one of its parts at another place. `even`: as wide as high, or a level line. */
export function changed(shape: RoiShape, part: RoiPart, from: Place, to: Place, image: Size, even: boolean): RoiShape {
  if (part.kind === "inside") return moved(shape, to.x - from.x, to.y - from.y, image);
  if (part.kind === "point") {
    const points = pointsOf(shape);
    const other = points[1 - part.index];
    const place = shape.kind === "line" && even && other !== undefined ? levelled(other, to) : to;
    return withPoints(
      shape,
      points.map((point, index) => (index === part.index ? inside(place, image) : point)),
    );
  }
  if (!isBox(shape)) return shape;
  const alongX = part.x === 0 ? null : side(part.x, shape.x, shape.width, to.x);
  const alongY = part.y === 0 ? null : side(part.y, shape.y, shape.height, to.y);
  const still = { x: alongX?.still ?? shape.x, y: alongY?.still ?? shape.y };
  const goes = { x: alongX?.goes ?? shape.x + shape.width - 1, y: alongY?.goes ?? shape.y + shape.height - 1 };
  const box = boxBetween(still, goes, image, even && alongX !== null && alongY !== null);
  return box === null ? shape : { ...shape, ...box };
}

/** A shape of a usual size in the middle of the part of the image that is looked at. */
export function inTheMiddle(kind: ShapeKind, seen: Box, image: Size): RoiShape {
  const at = (x: number, y: number): Place => ({ x: seen.x + seen.width * x, y: seen.y + seen.height * y });
  if (kind === "polygon")
    return polygonOf([at(0.5, 0.35), at(0.65, 0.65), at(0.35, 0.65)].map((place) => inside(place, image)));
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  return fromDrag(kind, at(0.35, 0.35), at(0.65, 0.65), image, false) ?? { kind: "rectangle", ...whole };
}

export function polygonOf(points: readonly Place[]): RoiShape {
  return { kind: "polygon", points: points.map(({ x, y }) => [rounded(x), rounded(y)]) };
}

/** The nearest place in the image. */
export function inside({ x, y }: Place, image: Size): Place {
  return { x: limited(x, -0.5, image.width - 0.5), y: limited(y, -0.5, image.height - 0.5) };
}

function limited(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}

/** Whole pixels from the one of a place to that of another, both included; null: beside the image. */
function boxBetween(from: Place, to: Place, image: Size, even: boolean): Box | null {
  const a = { x: Math.floor(from.x + 0.5), y: Math.floor(from.y + 0.5) };
  const b = { x: Math.floor(to.x + 0.5), y: Math.floor(to.y + 0.5) };
  if (even) {
    const most = Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y));
    b.x = a.x + (b.x < a.x ? -most : most);
    b.y = a.y + (b.y < a.y ? -most : most);
  }
  const left = Math.max(Math.min(a.x, b.x), 0);
  const top = Math.max(Math.min(a.y, b.y), 0);
  const right = Math.min(Math.max(a.x, b.x), image.width - 1);
  const bottom = Math.min(Math.max(a.y, b.y), image.height - 1);
  return right < left || bottom < top ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The pixel at the side that stays, and the one at the side that goes to a place. */
function side(which: -1 | 1, first: number, length: number, to: number): { still: number; goes: number } {
  // A side lies between two pixels; the nearest place between two is where it goes.
  const border = Math.round(to + 0.5);
  if (which === 1) return { still: first, goes: border > first ? border - 1 : border };
  const last = first + length - 1;
  return { still: last, goes: border > last ? border - 1 : border };
}

function withPoints(shape: RoiShape, points: readonly Place[]): RoiShape {
  const [a, b] = points;
  if (shape.kind === "line" && a !== undefined && b !== undefined) return lineOf(a, b);
  return shape.kind === "polygon" ? polygonOf(points) : shape;
}

function lineOf(a: Place, b: Place): RoiShape {
  return { kind: "line", x0: rounded(a.x), y0: rounded(a.y), x1: rounded(b.x), y1: rounded(b.y) };
}

/** The nearest place that lies in a multiple of 45 degrees from another. */
function levelled(from: Place, to: Place): Place {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const angle = (Math.round(Math.atan2(dy, dx) / (Math.PI / 4)) * Math.PI) / 4;
  const along = dx * Math.cos(angle) + dy * Math.sin(angle);
  return { x: from.x + along * Math.cos(angle), y: from.y + along * Math.sin(angle) };
}

function rounded(value: number): number {
  return Math.round(value * DECIMALS) / DECIMALS;
}
