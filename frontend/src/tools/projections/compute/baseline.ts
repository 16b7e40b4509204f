import type { Baseline } from "../../../contract";

/** Part of a profile at each end that counts as its border, and the most elements. */
const BORDER = 0.05;
const MOST_BORDER = 32;

/**
 * Subtracts the baseline from a profile, in place, and returns what was subtracted: nothing, the minimum, or the median
 * of the outermost 5 % at each end (1 to 32 elements) taken together. Values that are not finite do not count.
 */
export function applyBaseline(profile: Float64Array, baseline: Baseline): number {
  const level = baseline === "minimum" ? minimum(profile) : baseline === "border" ? border(profile) : 0;
  if (level !== 0) for (let at = 0; at < profile.length; at++) profile[at]! -= level;
  return level;
}

function minimum(profile: Float64Array): number {
  let low = Infinity;
  for (const value of profile) if (value < low) low = value;
  return Number.isFinite(low) ? low : 0;
}

function border(profile: Float64Array): number {
  const depth = Math.min(MOST_BORDER, Math.max(1, Math.round(BORDER * profile.length)));
  // The two ends of a profile of one element are the same.
  const right = Math.max(depth, profile.length - depth);
  const ends = [...profile.subarray(0, depth), ...profile.subarray(right)].filter(Number.isFinite);
  if (ends.length === 0) return 0;
  ends.sort((a, b) => a - b);
  const middle = ends.length >> 1;
  return ends.length % 2 === 1 ? ends[middle]! : (ends[middle - 1]! + ends[middle]!) / 2;
}
