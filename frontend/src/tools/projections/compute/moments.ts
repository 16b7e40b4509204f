import type { Moments } from "../../../contract";
import type { Peak } from "../../../analysis/gauss";

/** What lies so many sigma of the fit away from its mean does not count in the facility's moments. */
const WINDOW = 5;
const HALF = 0.5;

/**
 * Centre of mass, rms and full width at half maximum of a profile over its axis, both of length n.
 *
 * com = sum(axis p) / sum(p) and rms = sqrt|sum((axis - com)^2 p) / sum(p)|. Both are null where the sum of the profile
 * is 0 or not finite. The full width is null where a side stays above half of the height.
 */
export function moments(profile: Float64Array, axis: Float64Array): Moments {
  const width = fullWidth(profile, axis, HALF);
  return { ...massAndRms(profile, axis), fwhm: width === null || width.extrapolated ? null : width.width };
}

/**
 * The same as the facility's processing server has them since January 2024 (cam_server 5.8), without fit as if it were
 * none: the weights are profile - offset of the fit, divided by their sum over the whole axis; those further than five
 * sigma of the fit from its mean become zero and are not normalised again, so that the rest adds up to about 1 only.
 * com = sum(axis weight), rms = sqrt|sum((axis - com)^2 weight)|. The full width of a profile that does not fall to half
 * of its height is extrapolated.
 */
export function facilityMoments(profile: Float64Array, axis: Float64Array, peak: Peak | null): Moments {
  const width = fullWidth(profile, axis, HALF);
  const fwhm = width?.width ?? null;
  if (peak === null) return { com: null, rms: null, fwhm };
  const { offset, mean, sigma } = peak;
  let total = 0;
  for (const value of profile) total += value - offset;
  const counts = (at: number): boolean => Math.abs(axis[at]! - mean) <= WINDOW * sigma;
  // Close to the mean the distances are small and nothing is cancelled; what the weights lack in sum pulls to 0.
  let sum = 0;
  let first = 0;
  for (let at = 0; at < profile.length; at++) {
    if (!counts(at)) continue;
    const weight = (profile[at]! - offset) / total;
    sum += weight;
    first += (axis[at]! - mean) * weight;
  }
  const com = mean * sum + first;
  let second = 0;
  for (let at = 0; at < profile.length; at++) {
    if (counts(at)) second += (axis[at]! - com) ** 2 * ((profile[at]! - offset) / total);
  }
  const rms = Math.sqrt(Math.abs(second));
  if (!Number.isFinite(com) || !Number.isFinite(rms)) return { com: null, rms: null, fwhm };
  return { com, rms, fwhm };
}

function massAndRms(profile: Float64Array, axis: Float64Array): { com: number | null; rms: number | null } {
  const none = { com: null, rms: null };
  const { length } = profile;
  if (length === 0) return none;
  // Neither depends on where the axis begins; close to its middle the squares are small and nothing is cancelled.
  const middle = axis[0]! + (axis[length - 1]! - axis[0]!) / 2;
  let total = 0;
  let first = 0;
  for (let at = 0; at < length; at++) {
    total += profile[at]!;
    first += (axis[at]! - middle) * profile[at]!;
  }
  const shift = first / total;
  const com = middle + shift;
  if (total === 0 || !Number.isFinite(total) || !Number.isFinite(com)) return none;
  let second = 0;
  for (let at = 0; at < length; at++) {
    const distance = axis[at]! - middle - shift;
    second += distance * distance * profile[at]!;
  }
  const rms = Math.sqrt(Math.abs(second / total));
  return { com, rms: Number.isFinite(rms) ? rms : null };
}

/**
 * Width at a part of the height above the profile's minimum, on the axis and positive, as the facility's processing
 * server has it. From the maximum outwards the first sample at or below that level counts on either side, and the place
 * is interpolated between it and its inner neighbour; where there is none, the line through the outermost two samples is
 * followed beyond the axis. Null for a flat profile and for values that are not finite.
 */
export function fullWidth(
  profile: Float64Array,
  axis: Float64Array,
  part: number,
): { width: number; extrapolated: boolean } | null {
  let low = Infinity;
  let top = 0;
  for (let at = 0; at < profile.length; at++) {
    const value = profile[at]!;
    if (value - value !== 0) return null;
    if (value < low) low = value;
    if (value > profile[top]!) top = at;
  }
  const last = profile.length - 1;
  if (last < 1 || profile[top]! === low) return null;
  const level = low + (profile[top]! - low) * part;
  let left = top;
  while (left > 0 && profile[left]! > level) left--;
  let right = top;
  while (right < last && profile[right]! > level) right++;
  const extrapolated = profile[left]! > level || profile[right]! > level;
  const width = Math.abs(
    crossing(profile, axis, Math.max(right, 1), Math.max(right, 1) - 1, level) -
      crossing(profile, axis, Math.min(left, last - 1), Math.min(left, last - 1) + 1, level),
  );
  return Number.isFinite(width) ? { width, extrapolated } : null;
}

/** Where the line through two samples has the level. */
function crossing(profile: Float64Array, axis: Float64Array, outer: number, inner: number, level: number): number {
  const part = (level - profile[outer]!) / (profile[inner]! - profile[outer]!);
  return axis[outer]! + part * (axis[inner]! - axis[outer]!);
}
