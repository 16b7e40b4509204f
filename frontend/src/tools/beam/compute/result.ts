import type { GaussFit } from "../../../contract";
import type { Background } from "./background";

/**
 * A number and its standard deviation, as far as that comes from the noise of the background, which is taken to be the
 * same and independent in each pixel. Null: the dark pixels have no noise, and nothing is known of it.
 */
export interface Measured {
  value: number;
  error: number | null;
}

/** The light along a principal axis, summed up across it inside of the box. */
export interface AxisProfile {
  /** from the centroid, ascending, in the unit of the result */
  positions: Float64Array;
  /** counts, without the background; as many */
  values: Float64Array;
  fit: GaussFit;
}

/** Second moments of a beam by ISO 11146. Diameters are D4-sigma: four times the square root of the variance. */
export interface BeamNumbers {
  /** centroid, on the axes */
  centre: { x: Measured; y: Measured };
  /** diameters along the principal axes */
  major: Measured;
  minor: Measured;
  /** minor / major diameter */
  ellipticity: Measured;
  /** by the standard: the ellipticity is above 0.87 */
  circular: boolean;
  /**
   * From the horizontal to the major axis in degrees, -90 < tilt <= 90, counter-clockwise positive as one looks at the
   * image that was sent, columns to the right and rows downwards. Null: the beam is so round that none is known.
   */
  tilt: Measured | null;
  /** diameters along rows (x) and columns (y) of the image */
  along: { x: Measured; y: Measured };
  /** counts in the box, without the background */
  total: Measured;
  /** half axes of the ellipse of the diameters in pixels of the source, (columns, rows), and its middle */
  outline: { middle: [x: number, y: number]; major: [x: number, y: number]; minor: [x: number, y: number] };
}

export interface BeamShape extends BeamNumbers {
  state: "converged";
  /** of all lengths: that of both axes, or "px" */
  unit: string;
  /** the lengths are pixels although there are axes, because these have no unit in common or cannot be used */
  unitsDiffer: boolean;
  background: Background;
  /** null: an axis has steps of different lengths, and the bins of a profile would not hold equal areas */
  profiles: { major: AxisProfile; minor: AxisProfile } | null;
  /** pixels along the rows in the groups that were added up for the profiles; 1: single pixels */
  grouped: number;
  /** only each n-th row was used; 1: all */
  everyRow: number;
  /** a pixel of the beam has reached the saturation of the camera */
  saturated: boolean;
}

/** Where there are no numbers. */
export interface NoBeam {
  state: "unsettled" | "clipped" | "empty";
  /** why, in words for the user */
  reason: string;
}

export type BeamFit = BeamShape | NoBeam;
