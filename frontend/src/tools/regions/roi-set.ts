/** The regions of the settings: added, changed and deleted, with what refers to them. Pure. */

import type { Roi, RoiShape } from "../../contract";
import { typedNumber } from "../../ui/typed-number";
import { isBox, type ShapeKind } from "../../ui/stage/shape-edit";
import { cleanName, LONGEST_NAME } from "./roi-name";
import type { Settings } from "../../ui/settings";
import type { Size } from "../../ui/stage/view";

type Change = Pick<Settings, "rois" | "roi">;

export const SHAPE_NAMES: Record<ShapeKind, string> = {
  rectangle: "rectangle",
  ellipse: "ellipse",
  line: "line",
  polygon: "polygon",
};

/** Told apart also by people who see few colours, and light enough on a dark outline. */
const COLOURS = ["#ffd54a", "#57c8ff", "#ff8fb1", "#7ee787", "#ffa657", "#d2a8ff", "#5eead4", "#f4f6f8"];

export function roiColour(id: number): string {
  return COLOURS[(id - 1) % COLOURS.length] ?? "#f4f6f8";
}

/** One more region, chosen. */
export function withRoi({ rois }: Settings, shape: RoiShape, name?: string): Change & { roi: number } {
  const id = Math.max(0, ...rois.map((roi) => roi.id)) + 1;
  return { rois: [...rois, { id, name: name ?? freeName(rois, id), shape }], roi: id };
}

export function withShape({ rois }: Settings, id: number, shape: RoiShape): Pick<Settings, "rois"> {
  return { rois: rois.map((roi) => (roi.id === id ? { ...roi, shape } : roi)) };
}

/** Another name, as far as there is one in the text. */
export function withName({ rois }: Settings, id: number, text: string): Pick<Settings, "rois"> {
  const name = cleanName(text);
  return name === "" ? { rois } : { rois: rois.map((roi) => (roi.id === id ? { ...roi, name } : roi)) };
}

/** Without these regions; what was computed of them is computed of the whole image. */
export function withoutRois(settings: Settings, ids: readonly number[]): Partial<Settings> {
  const gone = (id: number | null): boolean => id !== null && ids.includes(id);
  const { projections, roi, colours } = settings;
  const { levels } = colours;
  const change: Partial<Settings> = { rois: settings.rois.filter(({ id }) => !ids.includes(id)) };
  if (gone(projections.roi)) change.projections = { ...projections, roi: null };
  if (!gone(roi)) return change;
  change.roi = null;
  if (levels.mode === "auto" && levels.of === "roi")
    change.colours = { ...colours, levels: { ...levels, of: "image" } };
  return change;
}

/** A copy beside the original, as far as the image has room. */
export function copyName(name: string): string {
  return cleanName(`${name.slice(0, LONGEST_NAME - 5)} copy`);
}

/** Labels of the numbers of a shape; a polygon has points instead. */
export function fieldNames(shape: RoiShape): readonly string[] {
  if (isBox(shape)) return ["x", "y", "width", "height"];
  return shape.kind === "line" ? ["x0", "y0", "x1", "y1"] : [];
}

export function fieldValues(shape: RoiShape): number[] {
  if (isBox(shape)) return [shape.x, shape.y, shape.width, shape.height];
  return shape.kind === "line" ? [shape.x0, shape.y0, shape.x1, shape.y1] : [];
}

/** The shape with other numbers, or what is wrong with them, in words. */
export function withNumbers(shape: RoiShape, texts: readonly string[], image: Size | null): RoiShape | string {
  const numbers = texts.map(typedNumber);
  const [a, b, c, d] = numbers;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return "A number is missing.";
  if (a === null || b === null || c === null || d === null) return "This is not a number.";
  if (isBox(shape)) {
    if (![a, b, c, d].every(Number.isInteger)) return "Whole pixels only.";
    if (a < 0 || b < 0) return "x and y begin at 0.";
    if (c < 1 || d < 1) return "Width and height are at least 1.";
    if (image !== null && (a + c > image.width || b + d > image.height))
      return `Beyond the image of ${image.width} × ${image.height} pixels.`;
    return { ...shape, x: a, y: b, width: c, height: d };
  }
  if (!isPlace(a, b, image) || !isPlace(c, d, image)) return outside(image);
  return { kind: "line", x0: a, y0: b, x1: c, y1: d };
}

/** A polygon of a text with one point in each line, or what is wrong with it, in words. */
export function polygonOfText(text: string, image: Size | null): RoiShape | string {
  const points: [number, number][] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const [x, y, ...more] = line
      .trim()
      .split(/[\s,;]+/)
      .map(typedNumber);
    if (x === undefined || y === undefined || x === null || y === null || more.length > 0)
      return `“${line.trim()}” is no point: x and y, as 120.5, 80.`;
    if (!isPlace(x, y, image)) return outside(image);
    points.push([x, y]);
  }
  return points.length < 3 ? "A polygon has at least three points." : { kind: "polygon", points };
}

export function textOfPolygon(shape: RoiShape): string {
  return shape.kind === "polygon" ? shape.points.map(([x, y]) => `${x}, ${y}`).join("\n") : "";
}

function isPlace(x: number, y: number, image: Size | null): boolean {
  if (x < -0.5 || y < -0.5) return false;
  return image === null || (x <= image.width - 0.5 && y <= image.height - 0.5);
}

function outside(image: Size | null): string {
  return image === null
    ? "Beside the image."
    : `Beside the image: x is 0 to ${image.width - 1}, y is 0 to ${image.height - 1}.`;
}

function freeName(rois: readonly Roi[], from: number): string {
  for (let number = from; ; number += 1) {
    const name = `ROI ${number}`;
    if (!rois.some((roi) => roi.name === name)) return name;
  }
}
