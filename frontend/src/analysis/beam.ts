/** Where the light is: the part of an image to zoom to. Not a measurement; the fit and the moments are. */

import type { Region } from "../contract";

/** The beam ends where its profile falls to this part of its height. */
const END = 0.15;
/** The part that is looked at is so many times as long as the beam, and has at least so many pixels. */
const ROOM = 2.5;
const LEAST = 24;
/** A peak has to stand out so many times as far as neighbours differ. */
const CLEAR = 6;
const BORDER = 0.05;

/**
 * The region around the beam, from the sums of an image along its rows and columns.
 *
 * @param x sum of each column, @param y sum of each row
 * @returns null if nothing stands out in both directions
 */
export function beamRegion(x: Float64Array, y: Float64Array): Region | null {
  const columns = beamRange(x);
  const rows = beamRange(y);
  return columns === null || rows === null ? null : [columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0]];
}

/** First pixel of the part to look at, and the one after its last. */
function beamRange(profile: Float64Array): [number, number] | null {
  const length = profile.length;
  if (length === 0) return null;
  const base = borderMedian(profile);
  let top = 0;
  let jumps = 0;
  for (let at = 1; at < length; at++) {
    if (profile[at]! > profile[top]!) top = at;
    jumps += Math.abs(profile[at]! - profile[at - 1]!);
  }
  const height = profile[top]! - base;
  // A smooth peak goes up and down once: what is beyond that is noise.
  const noise = Math.max(jumps - 2 * height, 0) / length;
  if (!(height > 0) || height < CLEAR * noise) return null;
  const limit = base + END * height;
  let from = top;
  let to = top;
  while (from > 0 && profile[from - 1]! > limit) from--;
  while (to < length - 1 && profile[to + 1]! > limit) to++;
  const middle = (from + to + 1) / 2;
  const half = Math.max(((to - from + 1) * ROOM) / 2, LEAST / 2);
  return [Math.max(0, Math.floor(middle - half)), Math.min(length, Math.ceil(middle + half))];
}

/** Of the outermost values at both ends together. */
function borderMedian(profile: Float64Array): number {
  const count = Math.max(1, Math.round(profile.length * BORDER));
  const border = Float64Array.of(...profile.subarray(0, count), ...profile.subarray(-count)).sort();
  return border[border.length >> 1]!;
}
