import { roiBox } from "../tools/regions/compute/regions";
import type { AnalysisWish, ImageFormat, ProcessingWish, Region, RoiShape } from "../contract";

/** What has to be asked of the server, so that what is wanted can be computed here. */
export interface Need {
  /** pixels as the source sent them, not a preview */
  exact: boolean;
  /** all of the image, this part of it besides what is visible, or null: what is visible is enough */
  region: Region | "whole" | null;
}

/** What is done here with the images of the server. */
export interface Uses {
  /** null: nothing is analysed */
  analysis: AnalysisWish | null;
  processing: ProcessingWish;
  /** a background is there, or is being taken */
  background: "none" | "there" | "taking";
  /** pixels whose values are printed */
  print: Region | null;
}

interface Size {
  rows: number;
  columns: number;
}

export const NO_PROCESSING: ProcessingWish = {
  background: true,
  threshold: null,
  average: { mode: "off", frames: 1 },
};

export const NO_NEED: Need = { exact: false, region: null };

/**
 * What is needed of an image of this size; null: there is none that could be analysed.
 *
 * Regions, lines and printed values need the pixels in the box around them, processing and tools those of the whole
 * image.
 * Projections of the image come with previews and can be computed of whole images, but not of a part. The histogram is
 * that of what was sent: it must not keep a viewer who zooms in from the exact pixels of that part.
 */
export function needOf({ analysis, processing, background, print }: Uses, size: Size | null): Need {
  if (size === null) return NO_NEED;
  const works = background === "taking" || processes(processing, background === "there");
  const tools = analysis !== null && analysis.tools.length > 0;
  if (works || tools) return { exact: true, region: "whole" };
  const boxes = analysis === null ? [] : analysisBoxes(analysis, size);
  if (print !== null) {
    const [x, y, width, height] = print;
    boxes.push(roiBox({ kind: "rectangle", x, y, width, height }, size.columns, size.rows));
  }
  const box = boxes.filter(([, , width, height]) => width > 0 && height > 0).reduce<Region | null>(joined, null);
  const whole = analysis?.projections?.roi === null;
  return { exact: box !== null, region: whole ? "whole" : box };
}

/** Whether pixels are changed before they are drawn, with a background that is there or not. */
export function processes({ background, threshold, average }: ProcessingWish, haveBackground: boolean): boolean {
  return (background && haveBackground) || threshold !== null || average.mode !== "off";
}

/** The format to ask for: a person's own choice is never changed. */
export function formatFor(chosen: ImageFormat, need: Need): ImageFormat {
  return chosen === "auto" && need.exact ? "exact" : chosen;
}

/** The part to ask for when `visible` is seen; null: all of the image. */
export function cropFor(visible: Region | null, { region }: Need): Region | null {
  if (visible === null || region === "whole") return null;
  return region === null ? visible : joined(visible, region);
}

/** Those of projections and levels are among the regions. */
function analysisBoxes({ rois, line }: AnalysisWish, { columns, rows }: Size): Region[] {
  const shapes: RoiShape[] = rois.map(({ shape }) => shape);
  if (line !== null) shapes.push(corners(line));
  return shapes.map((shape) => roiBox(shape, columns, rows));
}

/** The area that a line as wide as that covers. */
function corners({ x0, y0, x1, y1, width }: NonNullable<AnalysisWish["line"]>): RoiShape {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const across = (Math.max(width, 1) - 1) / 2 / length;
  const [x, y] = [-(y1 - y0) * across, (x1 - x0) * across];
  return {
    kind: "polygon",
    points: [
      [x0 + x, y0 + y],
      [x1 + x, y1 + y],
      [x1 - x, y1 - y],
      [x0 - x, y0 - y],
    ],
  };
}

function joined(one: Region | null, other: Region): Region {
  if (one === null) return other;
  const x = Math.min(one[0], other[0]);
  const y = Math.min(one[1], other[1]);
  const right = Math.max(one[0] + one[2], other[0] + other[2]);
  const bottom = Math.max(one[1] + one[3], other[1] + other[3]);
  return [x, y, right - x, bottom - y];
}

/** Why there are no exact pixels while a preview is on screen, in words for the user. */
export function whyNoPixels(chosen: ImageFormat): string {
  if (chosen === "preview") return "A preview is chosen. Choose automatic or exact for this.";
  return "Waiting for exact pixels.";
}

export const WAITING_FOR_ALL = "Waiting for all of the image.";
export const ROUNDED = "The pixels were rounded to 32-bit floats. Choose automatic or exact for this.";
