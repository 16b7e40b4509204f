/** Projections, regions, the line cut and the processing in the URL. */

import type { Baseline, ProcessingWish, Roi, RoiShape } from "../../contract";
import { cleanName } from "../analysis/roi-name";
import { DEFAULT_SETTINGS, type LineSettings, type Settings } from "../settings";
import { finiteNumbers, type UrlSection } from "./url-section";

const DEFAULT = DEFAULT_SETTINGS;
const MOST_ROIS = 50;
const MOST_POINTS = 200;
const MOST_FRAMES = 1000;
/** Sides of images are shorter by far; larger numbers are no pixels. */
const LARGEST = 1e6;
const KINDS = { rectangle: "rect", ellipse: "ellipse", line: "line", polygon: "polygon" } as const;

/** Regions are named by their place in the URL, from 1 on: that is their id for who opens it. */
export const analysisInUrl: UrlSection = {
  read(parameters) {
    const rois = parameters
      .getAll("roi")
      .slice(0, MOST_ROIS)
      .flatMap(roiOf)
      .map((roi, index) => ({ ...roi, id: index + 1 }));
    const placeIn = (name: string): number | null => {
      const id = Number(parameters.get(name));
      return rois.some((roi) => roi.id === id) ? id : null;
    };
    const baseline = parameters.get("baseline") ?? "";
    return {
      projections: {
        on: parameters.get("profiles") === "1",
        roi: placeIn("profiles-of"),
        baseline: isBaseline(baseline) ? baseline : DEFAULT.projections.baseline,
        fit: parameters.get("fit") !== "0",
      },
      rois,
      roi: placeIn("roi-chosen"),
      line: lineOf(parameters.get("line")),
      processing: {
        background: parameters.get("background") !== "0",
        threshold: finiteNumbers(parameters.get("threshold"), 1)?.[0] ?? null,
        average: averageOf(parameters.get("average")),
      },
    };
  },
  write({ projections, rois, roi, line, processing }, parameters) {
    const written = rois.slice(0, MOST_ROIS);
    const place = (name: string, id: number | null): void => {
      const index = written.findIndex((one) => one.id === id);
      if (index >= 0) parameters.set(name, String(index + 1));
    };
    if (projections.on) parameters.set("profiles", "1");
    place("profiles-of", projections.roi);
    if (projections.baseline !== DEFAULT.projections.baseline) parameters.set("baseline", projections.baseline);
    if (!projections.fit) parameters.set("fit", "0");
    for (const one of written) parameters.append("roi", textOf(one));
    place("roi-chosen", roi);
    if (line !== null) parameters.set("line", [line.x0, line.y0, line.x1, line.y1, line.width].join(","));
    const { background, threshold, average } = processing;
    if (!background) parameters.set("background", "0");
    if (threshold !== null) parameters.set("threshold", String(threshold));
    if (average.mode !== "off" || average.frames !== DEFAULT.processing.average.frames)
      parameters.set("average", `${average.mode},${average.frames}`);
  },
};

function isBaseline(text: string): text is Baseline {
  return text === "facility" || text === "none" || text === "minimum" || text === "border";
}

function lineOf(text: string | null): LineSettings | null {
  const [x0, y0, x1, y1, width] = finiteNumbers(text, 5) ?? [];
  if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined || width === undefined) return null;
  const usual = Number.isInteger(width) && width >= 1 && width <= 99 && [x0, y0, x1, y1].every(isPlace);
  return usual ? { x0, y0, x1, y1, width } : null;
}

function averageOf(text: string | null): Settings["processing"]["average"] {
  const [mode, count, ...more] = (text ?? "").split(",");
  const frames = Number(count);
  if (mode === undefined || !isAverageMode(mode) || more.length > 0) return DEFAULT.processing.average;
  return Number.isInteger(frames) && frames >= 1 && frames <= MOST_FRAMES
    ? { mode, frames }
    : DEFAULT.processing.average;
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
