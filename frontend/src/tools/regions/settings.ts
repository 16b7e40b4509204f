/** Regions of interest, and which of them is chosen. */

import type { Roi, RoiShape } from "../../contract";
import { isImagePlace } from "../../ui/settings/place";
import { finiteNumbers, type Setting } from "../../ui/settings/setting";
import { cleanName } from "./roi-name";

const NO_ROIS: Roi[] = [];
const MOST_ROIS = 50;
const MOST_POINTS = 200;
const KINDS = { rectangle: "rect", ellipse: "ellipse", line: "line", polygon: "polygon" } as const;

/** Regions are named by their place in the address, from 1 on: that is their id for who opens it. */
const rois: Setting<Roi[]> = {
  usual: NO_ROIS,
  read: (parameters) =>
    parameters
      .getAll("roi")
      .slice(0, MOST_ROIS)
      .flatMap(roiOf)
      .map((one, index) => ({ ...one, id: index + 1 })),
  write(value, parameters) {
    for (const one of value.slice(0, MOST_ROIS)) parameters.append("roi", textOf(one));
  },
};

/** the region that is chosen */
const roi: Setting<number | null> = {
  usual: null,
  read: (parameters) => regionNamed(parameters, "roi-chosen"),
  write: (value, parameters, all) => writeRegion(parameters, "roi-chosen", value, all),
};

export const regionSettings = { rois, roi };

/** The region that a parameter names. */
export function regionNamed(parameters: URLSearchParams, name: string): number | null {
  const id = Number(parameters.get(name));
  return rois.read(parameters).some((one) => one.id === id) ? id : null;
}

/** Names a region by its place among all. */
export function writeRegion(parameters: URLSearchParams, name: string, id: number | null, all: readonly Roi[]): void {
  const index = all.slice(0, MOST_ROIS).findIndex((one) => one.id === id);
  if (index >= 0) parameters.set(name, String(index + 1));
}

/** kind:name:numbers; a colon in the name is escaped. */
function textOf({ name, shape }: Roi): string {
  return [KINDS[shape.kind], name.replace(/[%:]/g, encodeURIComponent), numbersOf(shape).join(",")].join(":");
}

function numbersOf(shape: RoiShape): number[] {
  if (shape.kind === "polygon") return shape.points.flat();
  if (shape.kind === "line") return [shape.x0, shape.y0, shape.x1, shape.y1];
  return [shape.x, shape.y, shape.width, shape.height];
}

/** None if it is broken. */
function roiOf(text: string): Omit<Roi, "id">[] {
  const [kind, escaped, numbers, ...more] = text.split(":");
  if (kind === undefined || escaped === undefined || numbers === undefined || more.length > 0) return [];
  const shape = shapeOf(kind, numbers);
  const name = cleanName(unescaped(escaped));
  return shape === null || name === "" ? [] : [{ name, shape }];
}

function shapeOf(kind: string, text: string): RoiShape | null {
  const count = text.split(",").length;
  const values = finiteNumbers(text, count);
  if (values === null || !values.every(isImagePlace)) return null;
  if (kind === KINDS.polygon) {
    if (count < 6 || count % 2 !== 0 || count > 2 * MOST_POINTS) return null;
    const points = Array.from({ length: count / 2 }, (_, index): [number, number] => [
      values[2 * index] ?? 0,
      values[2 * index + 1] ?? 0,
    ]);
    return { kind: "polygon", points };
  }
  const [a, b, c, d] = values;
  if (count !== 4 || a === undefined || b === undefined || c === undefined || d === undefined) return null;
  if (kind === KINDS.line) return { kind: "line", x0: a, y0: b, x1: c, y1: d };
  if (!values.every(Number.isInteger) || a < 0 || b < 0 || c < 1 || d < 1) return null;
  const box = { x: a, y: b, width: c, height: d };
  if (kind === KINDS.rectangle) return { kind: "rectangle", ...box };
  return kind === KINDS.ellipse ? { kind: "ellipse", ...box } : null;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
