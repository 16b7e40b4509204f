/** What of a region lies under a pointer: its handles, its inside, its outline. Pure; points are CSS pixels. */

import type { RoiShape } from "../../contract";
import type { Placing } from "./placing";
import { type Box, isBox, pointsOf, type RoiPart } from "./shape-edit";
import type { Point } from "./view";

export interface HandlePoint {
  part: RoiPart;
  at: Point;
}

/** Corners of a polygon that an ellipse is drawn and hit as. */
const ELLIPSE_CORNERS = 72;
/** A handle of a small region reaches no further than this part of its side, so that its inside can be taken. */
const PART_OF_SIDE = 3;
const LEAST_REACH = 3;
/** Sides shorter than this (CSS pixels) have handles at their corners only. */
const SHORT_SIDE = 28;

/** The outline on the stage; closed but for a line. */
export function outlineOf(shape: RoiShape, placing: Placing): Point[] {
  if (shape.kind !== "ellipse") return pointsOf(shape).map((place) => placing.toStage(place));
  const box = placing.boxOf(shape);
  return Array.from({ length: ELLIPSE_CORNERS }, (_, index) => {
    const angle = (index / ELLIPSE_CORNERS) * 2 * Math.PI;
    return {
      x: box.x + (box.width / 2) * (1 + Math.cos(angle)),
      y: box.y + (box.height / 2) * (1 + Math.sin(angle)),
    };
  });
}

/** Corners and sides of a box, or the points of a line or a polygon. */
export function handlesOf(shape: RoiShape, placing: Placing): HandlePoint[] {
  if (!isBox(shape))
    return pointsOf(shape).map((place, index) => ({ part: { kind: "point", index }, at: placing.toStage(place) }));
  const handles: HandlePoint[] = [];
  for (const y of [-1, 0, 1] as const) {
    for (const x of [-1, 0, 1] as const) {
      if (x === 0 && (y === 0 || shape.width * placing.along("x") < SHORT_SIDE)) continue;
      if (y === 0 && shape.height * placing.along("y") < SHORT_SIDE) continue;
      const place = {
        x: shape.x - 0.5 + ((x + 1) / 2) * shape.width,
        y: shape.y - 0.5 + ((y + 1) / 2) * shape.height,
      };
      handles.push({ part: { kind: "side", x, y }, at: placing.toStage(place) });
    }
  }
  return handles;
}

/** The handle under a point, else the inside; null: the point is beside the region. */
export function partAt(shape: RoiShape, at: Point, placing: Placing, reach: number): RoiPart | null {
  const box = isBox(shape) ? placing.boxOf(shape) : null;
  const near =
    box === null ? reach : Math.max(LEAST_REACH, Math.min(reach, Math.min(box.width, box.height) / PART_OF_SIDE));
  let best: RoiPart | null = null;
  let least = Infinity;
  for (const { part, at: place } of handlesOf(shape, placing)) {
    const distance = Math.hypot(place.x - at.x, place.y - at.y);
    // Around a small region the whole reach counts outside of it.
    const allowed = box !== null && contains(boxCorners(box), at) ? near : reach;
    if (distance <= allowed && distance < least) {
      best = part;
      least = distance;
    }
  }
  if (best !== null) return best;
  if (shape.kind === "line") return onOutline(shape, at, placing, reach) ? { kind: "inside" } : null;
  return contains(outlineOf(shape, placing), at) ? { kind: "inside" } : null;
}

/** Whether a point lies on the outline, for regions that are not chosen: their inside belongs to the picture. */
export function onOutline(shape: RoiShape, at: Point, placing: Placing, reach: number): boolean {
  const points = outlineOf(shape, placing);
  const closed = shape.kind !== "line";
  for (let index = closed ? 0 : 1; index < points.length; index += 1) {
    const from = points[(index + points.length - 1) % points.length];
    const to = points[index];
    if (from !== undefined && to !== undefined && distanceTo(at, from, to) <= reach) return true;
  }
  return false;
}

/** CSS cursor over a part, turned as the picture is. */
export function cursorOf(shape: RoiShape, part: RoiPart, placing: Placing): string {
  if (part.kind === "inside") return "move";
  if (part.kind === "point" || !isBox(shape)) return "crosshair";
  const origin = placing.toStage({ x: 0, y: 0 });
  const to = placing.toStage({ x: part.x, y: part.y });
  const dx = Math.sign(Math.round(to.x - origin.x));
  const dy = Math.sign(Math.round(to.y - origin.y));
  if (dx === 0) return "ns-resize";
  if (dy === 0) return "ew-resize";
  return dx === dy ? "nwse-resize" : "nesw-resize";
}

/** The part of the image that lies on the stage; all of it where none does. */
export function visiblePart(placing: Placing): Box {
  const { size, image } = placing;
  const a = placing.toImage({ x: 0, y: 0 });
  const b = placing.toImage({ x: size.width, y: size.height });
  const x = Math.max(Math.min(a.x, b.x), -0.5);
  const y = Math.max(Math.min(a.y, b.y), -0.5);
  const width = Math.min(Math.max(a.x, b.x), image.width - 0.5) - x;
  const height = Math.min(Math.max(a.y, b.y), image.height - 0.5) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : { x: -0.5, y: -0.5, ...image };
}

/** Whether a point lies in a closed outline (even-odd). */
export function contains(outline: readonly Point[], { x, y }: Point): boolean {
  let within = false;
  for (let index = 0; index < outline.length; index += 1) {
    const a = outline[index]!;
    const b = outline[(index + outline.length - 1) % outline.length]!;
    if (a.y > y !== b.y > y && x < a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y)) within = !within;
  }
  return within;
}

function boxCorners({ x, y, width, height }: Point & { width: number; height: number }): Point[] {
  return [
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
  ];
}

function distanceTo(at: Point, from: Point, to: Point): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(Math.max(((at.x - from.x) * dx + (at.y - from.y) * dy) / length, 0), 1);
  return Math.hypot(at.x - from.x - along * dx, at.y - from.y - along * dy);
}
