import type { GaussFit } from "../contract";
import { minimise, type Minimum, type Parameters } from "./levenberg";

type Fit = Omit<GaussFit, "mark">;

/** A Gaussian by its numbers, on the axis of its profile. */
export interface Peak {
  offset: number;
  mean: number;
  sigma: number;
  /** false: the minimum of the sum of squares was not found, and these are the start values */
  converged: boolean;
}

const FEWEST_POINTS = 5;
/** How far outside the middle of a beam that is cut off may lie, in lengths of the axis. */
const MOST_OUTSIDE = 0.5;
/** Sigma in lengths of the axis: what is wider shows only a part of itself. */
const WIDE = 1;
/** Sigma in distances of two pixels: below, only one pixel is bright and nothing tells the width. */
const LEAST_SIGMA = 0.25;
/**
 * In heights of the profile: the tail of a peak that was not seen tells nothing of it. Of a peak that is wider than the
 * profile, with its middle inside, only the top is seen, and no limit is needed: its errors say whether it is known.
 */
const MOST_AMPLITUDE = 20;
const TOO_WIDE = "The beam is as wide as the profile or wider: its width is not determined.";
/** Standard deviations of amplitude and sigma, in parts of them. */
const MOST_ERROR = 0.5;

/**
 * Least-squares fit of offset + amplitude * exp(-(x - mean)^2 / (2 sigma^2)) to a profile over its axis, both of length
 * n; the axis rises or descends.
 *
 * As on the facility's processing server (cam_server, `functions.gauss_fit`), the fit starts at offset = minimum,
 * amplitude = maximum - minimum, mean = axis at the maximum, sigma = area above the offset / (amplitude sqrt(2 pi)),
 * and sigma is given without sign. The errors are standard deviations as scipy's `curve_fit` gives them: the covariance
 * times the sum of squares / (n - 4). Other than there, a fit that does not converge or finds no peak that stands out
 * of the noise has no numbers, only a reason.
 */
export function fitGauss(profile: Float64Array, axis: Float64Array): Fit {
  return gaussOf(profile, axis).fit;
}

/**
 * The fit, and what the processing server would have in its place: the minimum whatever it looks like, the start values
 * where there is none. Null where nothing can be fitted.
 */
export function gaussOf(profile: Float64Array, axis: Float64Array): { fit: Fit; peak: Peak | null } {
  const { length } = profile;
  const without = (fit: Fit): { fit: Fit; peak: null } => ({ fit, peak: null });
  if (length < FEWEST_POINTS) return without(nothing("empty", "There are fewer than five points."));
  let low = Infinity;
  let top = 0;
  for (let at = 0; at < length; at++) {
    const value = profile[at]!;
    if (value - value !== 0) return without(nothing("empty", "The profile has values that are not finite."));
    if (value < low) low = value;
    if (value > profile[top]!) top = at;
  }
  const height = profile[top]! - low;
  if (height === 0) return without(nothing("empty", "The profile is flat."));
  const origin = axis[0]!;
  const span = axis[length - 1]! - origin;
  if (!Number.isFinite(height)) return without(nothing("failed", "The values are too large for a fit."));
  if (!Number.isFinite(span) || span === 0) return without(nothing("failed", "The axis has no length."));

  // On an axis from 0 to 1, with values from 0 to 1.
  const x = new Float64Array(length);
  const y = new Float64Array(length);
  let area = 0;
  for (let at = 0; at < length; at++) {
    x[at] = (axis[at]! - origin) / span;
    y[at] = (profile[at]! - low) / height;
    if (at > 0) area += ((y[at]! + y[at - 1]!) / 2) * (x[at]! - x[at - 1]!);
  }
  const start: Parameters = [0, 1, x[top]!, area / Math.sqrt(2 * Math.PI)];
  const found = minimise(x, y, start);
  const scale = Math.abs(span);
  const peakOf = ([offset, , mean, sigma]: Parameters, converged: boolean): Peak => ({
    offset: low + offset * height,
    mean: origin + mean * span,
    sigma: Math.abs(sigma) * scale,
    converged,
  });
  const peak = found.converged ? peakOf(found.parameters, true) : peakOf(start, false);
  const doubt = doubtOf(x, y, found);
  if (doubt !== null) return { fit: nothing("failed", doubt), peak };
  const { errors } = found;
  return {
    fit: {
      state: "converged",
      reason: null,
      offset: peak.offset,
      amplitude: found.parameters[1] * height,
      mean: peak.mean,
      sigma: peak.sigma,
      errors: errors && [errors[0] * height, errors[1] * height, errors[2] * scale, errors[3] * scale],
    },
    peak,
  };
}

function nothing(state: "failed" | "empty", reason: string): Fit {
  return { state, reason, offset: null, amplitude: null, mean: null, sigma: null, errors: null };
}

/** Why the minimum that was found is no peak of the data, or null; everything in units of the axis and the height. */
function doubtOf(x: Float64Array, y: Float64Array, { converged, parameters, errors, cost }: Minimum): string | null {
  const [, amplitude, mean] = parameters;
  const sigma = Math.abs(parameters[3]);
  if (!parameters.every(Number.isFinite)) return "The fit does not converge.";
  const inside = mean >= 0 && mean <= 1;
  const wide = sigma > WIDE;
  if (!standsOut(y, cost)) return "No peak stands out of the noise.";
  if (amplitude <= 0) return "There is a dip instead of a peak.";
  if (wide && inside) {
    return converged && isDetermined(amplitude, sigma, errors) ? null : TOO_WIDE;
  }
  if (!converged) return "The fit does not converge.";
  if (mean < -MOST_OUTSIDE || mean > 1 + MOST_OUTSIDE) return "The middle of the peak lies far outside.";
  if (wide) return "Only a slope is seen: the middle of the peak lies outside.";
  if (amplitude > MOST_AMPLITUDE) return "There is no peak: the fit is much higher than the profile.";
  const near = Math.min(Math.max(nearest(x, mean), 1), x.length - 2);
  const pixel = (x[near + 1]! - x[near - 1]!) / 2;
  if (sigma < LEAST_SIGMA * pixel) return "The peak is narrower than a pixel.";
  if (isDetermined(amplitude, sigma, errors)) return null;
  return inside && sigma > WIDE / 2 ? TOO_WIDE : "The profile does not determine the peak.";
}

function isDetermined(amplitude: number, sigma: number, errors: Parameters | null): boolean {
  return errors !== null && errors[3] <= MOST_ERROR * sigma && errors[1] <= MOST_ERROR * amplitude;
}

function nearest(x: Float64Array, place: number): number {
  let [before, after] = [0, x.length - 1];
  while (after - before > 1) {
    const middle = (before + after) >> 1;
    if (x[middle]! <= place) before = middle;
    else after = middle;
  }
  return place - x[before]! < x[after]! - place ? before : after;
}

/**
 * Whether a peak explains the values so much better than their mean does that noise hardly ever looks like it. The
 * threshold is above what white noise reaches once in a thousand profiles (tried out for 5 to 2560 points): the longer
 * the profile, the more places there are for a bump.
 */
function standsOut(y: Float64Array, cost: number): boolean {
  let sum = 0;
  for (const value of y) sum += value;
  const mean = sum / y.length;
  let flat = 0;
  for (const value of y) flat += (value - mean) ** 2;
  return (y.length - 4) * Math.log(flat / cost) > 14 + 2 * Math.log(y.length);
}

/**
 * Why a fit is to be doubted: pixels of its region are saturated, or the beam is cut off by an end of the axis, because
 * the middle of the peak is less than one sigma from it or outside, or because the profile is highest there.
 */
export function gaussMark(profile: Float64Array, fit: Fit, axis: Float64Array, saturated: boolean): GaussFit["mark"] {
  if (saturated) return "saturated";
  const { mean, sigma } = fit;
  if (mean === null || sigma === null) return null;
  const last = axis.length - 1;
  const low = Math.min(axis[0]!, axis[last]!);
  const high = Math.max(axis[0]!, axis[last]!);
  if (mean - sigma < low || mean + sigma > high) return "clipped";
  let highest = -Infinity;
  for (const value of profile) if (value > highest) highest = value;
  return profile[0] === highest || profile[last] === highest ? "clipped" : null;
}
