import type { Moments } from "../contract";

/**
 * Centre of mass, rms and full width at half maximum of a profile over its axis, both of length n.
 *
 * com = sum(axis p) / sum(p) and rms = sqrt|sum(axis^2 p) / sum(p) - com^2| as the facility's processing server has
 * them (cam_server, `functions.py`). Both are null where the sum of the profile is 0 or not finite.
 */
export function moments(profile: Float64Array, axis: Float64Array): Moments {
  return { ...massAndRms(profile, axis), fwhm: fwhm(profile, axis) };
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
 * Width at half of the height above the profile's minimum, on the axis and positive: from where the profile first falls
 * to that height left of its maximum to where it does so on the right, interpolated linearly between the samples. Null
 * for a flat profile, and where a side stays above.
 */
function fwhm(profile: Float64Array, axis: Float64Array): number | null {
  let low = Infinity;
  let top = 0;
  for (let at = 0; at < profile.length; at++) {
    const value = profile[at]!;
    if (value - value !== 0) return null;
    if (value < low) low = value;
    if (value > profile[top]!) top = at;
  }
  if (profile.length === 0 || profile[top]! === low) return null;
  const half = low + (profile[top]! - low) / 2;
  const left = crossing(profile, axis, top, half, -1);
  const right = crossing(profile, axis, top, half, 1);
  return left === null || right === null ? null : Math.abs(right - left);
}

function crossing(
  profile: Float64Array,
  axis: Float64Array,
  top: number,
  half: number,
  direction: 1 | -1,
): number | null {
  let at = top;
  while (profile[at]! > half) {
    at += direction;
    if (at < 0 || at >= profile.length) return null;
  }
  const above = at - direction;
  const part = (profile[above]! - half) / (profile[above]! - profile[at]!);
  return axis[above]! + part * (axis[at]! - axis[above]!);
}
