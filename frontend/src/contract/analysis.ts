/** What is computed of a picture. */

import type { Region, Roi } from "./regions";
import type { Pulse } from "./values";
import type { Axis } from "./view";

/**
 * What is taken from a profile before anything is computed of it: nothing, its smallest value, or the median of its
 * border. `facility`: nothing, and centre of mass and rms are those of the facility's processing server, without the
 * offset of the fit and within five sigma of it.
 */
export type Baseline = "facility" | "none" | "minimum" | "border";

/** What the page wants to be computed of each picture; what is not wanted costs nothing. */
export interface AnalysisWish {
  /** counts of the values, for the colour bar */
  histogram: boolean;
  /** projections, moments and fits; `roi`: of this region's box, null: of the image */
  projections: { roi: number | null; baseline: Baseline; fit: boolean } | null;
  rois: Roi[];
  /** the region that levels, `of: "roi"`, are found in */
  levelsRoi: number | null;
  /** values along this line; `width`: mean over so many pixels across */
  line: { x0: number; y0: number; x1: number; y1: number; width: number } | null;
  axes: { x: Axis; y: Axis };
}

export interface Moments {
  /** centre of mass and rms, on the axis; null for a profile without counts */
  com: number | null;
  rms: number | null;
  fwhm: number | null;
  /** the profile does not fall to half of its height on both sides, and `fwhm` reaches beyond its ends */
  extrapolated?: boolean;
}

/** offset + amplitude * exp(-(x - mean)^2 / (2 sigma^2)), on the axis; standard deviations of the parameters. */
export interface GaussFit {
  state: "converged" | "failed" | "empty";
  /** why it failed, in words for the user */
  reason: string | null;
  /** values beyond the state `converged` are null */
  offset: number | null;
  amplitude: number | null;
  mean: number | null;
  sigma: number | null;
  errors: [offset: number, amplitude: number, mean: number, sigma: number] | null;
  /** a value to be doubted: saturated pixels in the region, or a maximum at its border */
  mark: "saturated" | "clipped" | null;
}

export interface Projection {
  /** first pixel along the axis, and sums over the other axis, one for each pixel, after the baseline */
  first: number;
  values: Float64Array;
  baseline: number;
  /**
   * With the baseline `facility`: the offset that centre of mass and rms are computed without, of the fit or, where that
   * does not converge, the smallest value; null with another baseline, or where there is nothing to fit
   */
  offset: { value: number; fitted: boolean } | null;
  moments: Moments;
  fit: GaussFit | null;
}

export interface RoiStatistics {
  id: number;
  /** pixels that count, and how many of them are not finite */
  pixels: number;
  notFinite: number;
  sum: number | null;
  mean: number | null;
  /** standard deviation of the pixels (of the whole population) */
  sigma: number | null;
  min: number | null;
  max: number | null;
  /** weighted with the values, on the axes; null where the sum is not positive */
  centroid: [x: number, y: number] | null;
  /** the part of the region that was not sent, 0 ... 1 */
  missing: number;
  /** without loss, where 64-bit integers exceed what doubles hold */
  exact?: { sum: bigint; min: bigint; max: bigint; pixels: number };
}

export interface Analysis {
  pulse: Pulse;
  /** of which picture, as `Shown.picture` */
  picture: number;
  channel: string;
  /** `pixels`: of exact pixels; `server`: of exact sums that the server made; `processed`: of exact pixels that were processed here */
  source: "pixels" | "server" | "processed";
  /** analyses a second, and what one takes */
  rate: number;
  tookMs: number;
  /** counts of the finite values, of the image or, where only a part was sent, of that; bin i begins at low + i * width */
  histogram: { counts: Float64Array; low: number; width: number } | null;
  projections: { region: Region; x: Projection; y: Projection } | null;
  rois: RoiStatistics[];
  /** positions along the line in pixels from its start, and the values there (NaN where nothing was sent) */
  line: {
    distance: Float64Array;
    values: Float64Array;
    /** 64-bit integers without loss, where `values` are rounded; null where nothing was sent */
    exact?: (bigint | null)[];
    /** means of 64-bit integers that doubles do not hold */
    rounded?: boolean;
  } | null;
  /** why something that was wanted is missing, in words for the user */
  missing: string | null;
}

export interface AnalysisOrders {
  analyse: { wish: AnalysisWish };
  /** the analysis worker is there, at the other end of this port; one that was there before is gone */
  computing: { port: MessagePort };
}

export interface AnalysisNews {
  analysis: { analysis: Analysis };
}
