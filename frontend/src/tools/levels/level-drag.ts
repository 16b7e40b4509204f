/** What a drag or a key on the colour bar makes of the levels. No DOM. */

import { limitedPartOf, partOf, type Range, type ValueAxis, valueAt } from "./value-axis";

/** Places of the axis that keys tell apart: a tenth of what the smallest of them moves. */
const KEY_PLACES = 1000;

/** A handle, or what lies between the two. */
export type LevelPart = "low" | "high" | "both";

/** Where the drag has come from: the levels and the axis then. */
export interface LevelDrag {
  part: LevelPart;
  levels: Range;
  axis: ValueAxis;
  /** part of the axis under the pointer, 0 ... 1 */
  from: number;
}

/**
 * Levels when the pointer has come to another part of the axis: the handle keeps its distance to the pointer, the
 * levels stay within the axis, and one never passes the other.
 *
 * @param places how many places the axis has, in CSS pixels: numbers get no more figures than that
 */
export function draggedLevels(drag: LevelDrag, to: number, places: number): Range {
  const { axis, levels } = drag;
  const by = to - drag.from;
  const [low, high] = [limitedPartOf(axis, levels[0]), limitedPartOf(axis, levels[1])];
  const least = 1 / places;
  const at = (part: number): number => roundedAt(axis, part, places);
  if (drag.part === "low") return ordered([at(within(low + by, 0, high - least)), levels[1]], levels);
  if (drag.part === "high") return ordered([levels[0], at(within(high + by, low + least, 1))], levels);
  const both = within(by, -low, 1 - high);
  return ordered([at(low + both), at(high + both)], levels);
}

/** Levels after a key on a handle that moves it by a part of the axis; it may leave the axis, which then follows. */
export function steppedLevels(axis: ValueAxis, levels: Range, part: "low" | "high", by: number): Range {
  const value = levels[part === "low" ? 0 : 1];
  const at = partOf(axis, value);
  const next = roundedAt(axis, (Number.isFinite(at) ? at : 0) + by, KEY_PLACES);
  // On a logarithmic axis a level of zero or less lies below everything: the first step up puts it on the axis.
  return ordered(part === "low" ? [next, levels[1]] : [levels[0], next], levels);
}

/** The value at a part of the axis, in steps of a power of ten no larger than a place of the axis. */
export function roundedAt(axis: ValueAxis, part: number, places: number): number {
  const value = valueAt(axis, part);
  const step = Math.abs(valueAt(axis, part + 0.5 / places) - valueAt(axis, part - 0.5 / places));
  if (!(step > 0) || !Number.isFinite(step)) return value;
  const unit = 10 ** Math.floor(Math.log10(step));
  return Number((Math.round(value / unit) * unit).toPrecision(12));
}

function ordered(next: Range, before: Range): Range {
  return next[0] < next[1] && next.every(Number.isFinite) ? next : before;
}

function within(value: number, lowest: number, highest: number): number {
  return Math.max(lowest, Math.min(highest, value));
}
