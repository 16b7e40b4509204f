/** What is computed of the picture, and how its pixels are corrected before. */

import type { Baseline, ProcessingWish, Roi, RoiShape } from "../../contract";
import { cleanName } from "../analysis/roi-name";
import { finiteNumbers, type Setting, simple } from "./setting";

export interface ProjectionSettings {
  on: boolean;
  /** of this region, null: of the image */
  roi: number | null;
  baseline: Baseline;
  fit: boolean;
}

export interface LineSettings {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  width: number;
}

const NO_PROJECTIONS: ProjectionSettings = { on: false, roi: null, baseline: "facility", fit: true };
const USUAL_AVERAGE: ProcessingWish["average"] = { mode: "off", frames: 10 };
const NO_PROCESSING: ProcessingWish = { background: true, threshold: null, average: USUAL_AVERAGE };
const NO_ROIS: Roi[] = [];
const MOST_ROIS = 50;
const MOST_POINTS = 200;
const MOST_FRAMES = 1000;
/** Sides of images are shorter by far; larger numbers are no pixels. */
const LARGEST = 1e6;
const KINDS = { rectangle: "rect", ellipse: "ellipse", line: "line", polygon: "polygon" } as const;

export const projections: Setting<ProjectionSettings> = {
  usual: NO_PROJECTIONS,
  read(parameters) {
    const baseline = parameters.get("baseline") ?? "";
    return {
      on: parameters.get("profiles") === "1",
      roi: placeIn(parameters, "profiles-of"),
      baseline: isBaseline(baseline) ? baseline : NO_PROJECTIONS.baseline,
      fit: parameters.get("fit") !== "0",
    };
  },
  write({ on, roi: of, baseline, fit }, parameters, all) {
    if (on) parameters.set("profiles", "1");
    writePlace(parameters, "profiles-of", of, all);
    if (baseline !== NO_PROJECTIONS.baseline) parameters.set("baseline", baseline);
    if (!fit) parameters.set("fit", "0");
  },
};

/** Regions are named by their place in the address, from 1 on: that is their id for who opens it. */
export const rois: Setting<Roi[]> = {
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
export const roi: Setting<number | null> = {
  usual: null,
  read: (parameters) => placeIn(parameters, "roi-chosen"),
  write: (value, parameters, all) => writePlace(parameters, "roi-chosen", value, all),
};

export const line: Setting<LineSettings | null> = simple<LineSettings | null>(
  "line",
  null,
  (text) => lineOf(text) ?? undefined,
  (value) => (value === null ? "" : [value.x0, value.y0, value.x1, value.y1, value.width].join(",")),
);

export const processing: Setting<ProcessingWish> = {
  usual: NO_PROCESSING,
  read: (parameters) => ({
    background: parameters.get("background") !== "0",
    threshold: finiteNumbers(parameters.get("threshold"), 1)?.[0] ?? null,
    average: averageOf(parameters.get("average")),
  }),
  write({ background, threshold, average }, parameters) {
    if (!background) parameters.set("background", "0");
    if (threshold !== null) parameters.set("threshold", String(threshold));
    if (average.mode !== "off" || average.frames !== USUAL_AVERAGE.frames)
      parameters.set("average", `${average.mode},${average.frames}`);
  },
  tell: (worker, value) => worker.process({ wish: value }),
};

/** The region that a parameter names. */
function placeIn(parameters: URLSearchParams, name: string): number | null {
  const id = Number(parameters.get(name));
  return rois.read(parameters).some((one) => one.id === id) ? id : null;
}

function writePlace(parameters: URLSearchParams, name: string, id: number | null, all: readonly Roi[]): void {
  const index = all.slice(0, MOST_ROIS).findIndex((one) => one.id === id);
  if (index >= 0) parameters.set(name, String(index + 1));
}

function isBaseline(text: string): text is Baseline {
  return text === "facility" || text === "none" || text === "minimum" || text === "border";
}

function lineOf(text: string | null): LineSettings | null {
  const [x0, y0, x1, y1, width] = finiteNumbers(text, 5) ?? [];
  if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined || width === undefined) return null;
  const usual = Number.isInteger(width) && width >= 1 && width <= 99 && [x0, y0, x1, y1].every(isPlace);
  return usual ? { x0, y0, x1, y1, width } : null;
}

function averageOf(text: string | null): ProcessingWish["average"] {
  const [mode, count, ...more] = (text ?? "").split(",");
  const frames = Number(count);
  if (mode === undefined || !isAverageMode(mode) || more.length > 0) return USUAL_AVERAGE;
  return Number.isInteger(frames) && frames >= 1 && frames <= MOST_FRAMES ? { mode, frames } : USUAL_AVERAGE;
}

function isAverageMode(text: string): text is ProcessingWish["average"]["mode"] {
  return text === "off" || text === "running" || text === "accumulate";
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
  if (values === null || !values.every(isPlace)) return null;
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

function isPlace(value: number): boolean {
  return value >= -0.5 && value <= LARGEST;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
