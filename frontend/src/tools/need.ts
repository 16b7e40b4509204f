/** What a tool needs of the picture, so that the server is asked for it. Pure. */

import type { AnalysisWish, ProcessingWish, Region } from "../contract";

export interface Need {
  /** pixels as the source sent them, not a preview */
  exact: boolean;
  /** all of the image, this part of it besides what is visible, or null: what is visible is enough */
  region: Region | "whole" | null;
}

/** What is done with the images of the server. */
export interface Uses {
  /** null: nothing is analysed */
  analysis: AnalysisWish | null;
  processing: ProcessingWish;
  /** a background is there, or is being taken */
  background: "none" | "there" | "taking";
  /** pixels whose values are printed */
  print: Region | null;
}

/** Of an image. */
export interface Size {
  rows: number;
  columns: number;
}

export type NeedOf = (uses: Uses, size: Size) => Need;

export const NO_NEED: Need = { exact: false, region: null };
export const EXACT_WHOLE: Need = { exact: true, region: "whole" };

/** The exact pixels of the boxes, as far as they lie in the image. */
export function needOfBoxes(boxes: readonly Region[]): Need {
  const box = boxes.filter(([, , width, height]) => width > 0 && height > 0).reduce<Region | null>(joined, null);
  return { exact: box !== null, region: box };
}

/** What serves both. */
export function together(one: Need, other: Need): Need {
  const exact = one.exact || other.exact;
  if (one.region === "whole" || other.region === "whole") return { exact, region: "whole" };
  return { exact, region: other.region === null ? one.region : joined(one.region, other.region) };
}

/** The smallest box around both. */
export function joined(one: Region | null, other: Region): Region {
  if (one === null) return other;
  const x = Math.min(one[0], other[0]);
  const y = Math.min(one[1], other[1]);
  const right = Math.max(one[0] + one[2], other[0] + other[2]);
  const bottom = Math.max(one[1] + one[3], other[1] + other[3]);
  return [x, y, right - x, bottom - y];
}
