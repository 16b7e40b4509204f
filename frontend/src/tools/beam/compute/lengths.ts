import { axisUnit, axisValues } from "../../../analysis/axis";
import type { Axis } from "../../../contract";

/**
 * Distances of the centres of pixels from the middle of a region along one direction, always to the right or downwards,
 * so that angles are those which are seen; the axis itself may descend.
 */
export interface Lengths {
  /** ascending */
  positions: Float64Array;
  /** position on the axis = origin + direction * length */
  origin: number;
  direction: 1 | -1;
  /** mean distance of two pixels */
  pitch: number;
  /** all steps are equal to a part in a hundred */
  regular: boolean;
  /** position = first + pitch * index, to a thousandth of the pitch: axes of the stream are rounded to 32 bit */
  even: boolean;
}

/** Two axes measure one plane if they have one unit. */
export function haveOneUnit(x: Axis, y: Axis): boolean {
  return axisUnit(x) === axisUnit(y);
}

/**
 * Lengths of `count` >= 2 pixels from `first` on; null where the axis does not tell them (values missing, not finite,
 * not monotonic).
 */
export function lengthsOf(axis: Axis, first: number, count: number): Lengths | null {
  const positions = axisValues(axis, first, count);
  const start = positions[0]!;
  const end = positions[count - 1]!;
  const direction = end < start ? -1 : 1;
  const origin = start + (end - start) / 2;
  const pitch = Math.abs(end - start) / (count - 1);
  if (!(pitch > 0) || !Number.isFinite(pitch)) return null;
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < count; at++) {
    positions[at] = direction * (positions[at]! - origin);
    if (at === 0) continue;
    const step = positions[at]! - positions[at - 1]!;
    if (!(step > 0)) return null;
    if (step < least) least = step;
    if (step > most) most = step;
  }
  const even = positions.every((length, at) => Math.abs(length - positions[0]! - at * pitch) < 1e-3 * pitch);
  return { positions, origin, direction, pitch, regular: most - least <= 0.01 * pitch, even };
}

/** Index of the first position that is not below `length`. */
export function firstFrom(positions: Float64Array, length: number): number {
  let [low, high] = [0, positions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle]! < length) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Fractional index of a length; beyond the ends the mean step goes on. */
export function indexAt({ positions, pitch }: Lengths, length: number): number {
  const last = positions.length - 1;
  const after = Math.min(Math.max(firstFrom(positions, length), 1), last);
  if (length < positions[0]!) return (length - positions[0]!) / pitch;
  if (length > positions[last]!) return last + (length - positions[last]!) / pitch;
  const before = positions[after - 1]!;
  return after - 1 + (length - before) / (positions[after]! - before);
}
