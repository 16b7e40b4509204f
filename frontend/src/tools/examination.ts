/** What the analysis worker does with a picture for one tool. Pure. */

import type { NumberArray } from "../analysis/statistics";
import type { Analysis, AnalysisWish, DType, Region, Sample, SamplePlace } from "../contract";

/** The pixels of a sample, ready to be computed with. */
export interface Pixels {
  /** as they are drawn: the same as `sent`, unless they were processed */
  numbers: NumberArray;
  /** as they were sent; 64-bit integers as the nearest doubles */
  sent: NumberArray;
  /** the 64-bit integers that `numbers` were rounded from and are too large for; null: nothing was lost */
  wide: BigInt64Array | BigUint64Array | null;
  /** of `numbers` */
  dtype: DType;
  place: SamplePlace;
  /** lowest and highest finite one of `numbers`; null: none is finite */
  range: [number, number] | null;
}

/** What the server computed of the whole image and sent with a preview. */
export type Sums = Extract<Sample["content"], { kind: "sums" }>;

export type Findings = Pick<Analysis, "source" | "histogram" | "projections" | "rois" | "line" | "tools" | "missing">;

export interface Found {
  results?: Partial<Omit<Findings, "source" | "missing">>;
  /** what is wanted and could not be computed, in words for the user */
  missing?: string | null;
}

/** Computes what is wanted of it, and nothing else. Arrays in the results may be used again for the next picture. */
export interface Examination {
  /** of exact pixels, of the whole image or a part */
  ofPixels(pixels: Pixels, sample: Sample, wish: AnalysisWish): Found;
  /** without exact pixels: nothing is computed from those of a preview */
  ofPreview(sums: Sums, sample: Sample, wish: AnalysisWish): Found;
}

/** Whether this part of the image was sent. */
export function holds(place: SamplePlace, [x, y, width, height]: Region): boolean {
  return x >= place.x && y >= place.y && x + width <= place.x + place.width && y + height <= place.y + place.height;
}
