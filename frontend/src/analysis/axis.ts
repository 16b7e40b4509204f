import type { Axis } from "../contract";

/** Positions of the centres of `count` pixels from `first` on. */
export function axisValues(axis: Axis, first: number, count: number): Float64Array {
  const positions = new Float64Array(count);
  for (let index = 0; index < count; index++) positions[index] = axisAt(axis, first + index);
  return positions;
}

/**
 * Position at an index, which may lie between two pixels: on an axis of values it is interpolated linearly, and beyond
 * the ends the first or last step goes on. NaN on an axis without values.
 */
export function axisAt(axis: Axis, index: number): number {
  if (axis.kind === "pixel") return index;
  if (axis.kind === "linear") return axis.origin + axis.step * index;
  const { values } = axis;
  if (values.length < 2) return values[0] ?? Number.NaN;
  const before = Math.min(Math.max(Math.floor(index), 0), values.length - 2);
  const start = values[before]!;
  // Exact at the pixels themselves.
  if (index === before) return start;
  if (index === before + 1) return values[before + 1]!;
  return start + (values[before + 1]! - start) * (index - before);
}

/** Fractional index of a position, the inverse of `axisAt`; null where the axis does not tell. */
export function axisIndex(axis: Axis, value: number): number | null {
  const index = indexOf(axis, value);
  return Number.isFinite(index) ? index : null;
}

function indexOf(axis: Axis, value: number): number {
  if (axis.kind === "pixel") return value;
  if (axis.kind === "linear") return (value - axis.origin) / axis.step;
  const { values } = axis;
  const last = values.length - 1;
  if (last < 1) return Number.NaN;
  const descends = values[last]! < values[0]!;
  let before = 0;
  let after = last;
  while (after - before > 1) {
    const middle = (before + after) >> 1;
    if (values[middle]! <= value !== descends) before = middle;
    else after = middle;
  }
  return before + (value - values[before]!) / (values[after]! - values[before]!);
}

/** The unit of an axis as it is written. */
export function axisUnit(axis: Axis): string {
  return axis.kind === "pixel" ? "px" : unitText(axis.unit);
}

/** A unit as it is written: ASCII, and URLs of this page, have no micro sign; a Greek mu is taken for one. */
export function unitText(unit: string): string {
  return unit.replace(/^[u\u03bc](?=[A-Za-z]$)/, "µ");
}

/** Whether values may be the axis of `length` pixels: as many, finite, and rising or descending all the way. */
export function fitsImage(values: ArrayLike<number>, length: number): boolean {
  if (values.length !== length || length === 0) return false;
  const direction = length > 1 ? Math.sign(values[1]! - values[0]!) : 1;
  for (let at = 0; at < length; at++) {
    if (!Number.isFinite(values[at])) return false;
    if (at > 0 && !((values[at]! - values[at - 1]!) * direction > 0)) return false;
  }
  return true;
}
