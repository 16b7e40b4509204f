/** Positions and distances on the axes, as numbers and as text. Pure. */

import { axisAt, axisUnit } from "../../analysis/axis";
import type { Axis } from "../../contract";
import { compactNumber } from "../format";
import type { Place } from "../settings";

export { unitText } from "../../analysis/axis";

export interface Axes {
  x: Axis;
  y: Axis;
}

export const PIXEL_AXES: Axes = { x: { kind: "pixel" }, y: { kind: "pixel" } };

export interface Distance {
  dx: number;
  dy: number;
  length: number;
  /** degrees from the x axis towards the y axis, -180 ... 180 */
  angle: number;
  unit: string;
}

/** The axes where both have one unit, else the pixels: numbers of different units never stand side by side. */
export function axesOfOneUnit(axes: Axes): Axes {
  return axisUnit(axes.x) === axisUnit(axes.y) ? axes : PIXEL_AXES;
}

/** From one place to another, on these axes. */
export function distanceBetween(a: Place, b: Place, axes: Axes): Distance {
  const { x, y } = axesOfOneUnit(axes);
  const dx = axisAt(x, b.x) - axisAt(x, a.x);
  const dy = axisAt(y, b.y) - axisAt(y, a.y);
  return { dx, dy, length: Math.hypot(dx, dy), angle: (Math.atan2(dy, dx) * 180) / Math.PI, unit: axisUnit(x) };
}

/** Whether places are told in another unit than pixels. */
export function isCalibrated(axes: Axes): boolean {
  return axesOfOneUnit(axes).x.kind !== "pixel";
}

/** x and y of a place with their unit. */
export function positionText(place: Place, axes: Axes): string {
  const { x, y } = axesOfOneUnit(axes);
  return `x ${valueText(axisAt(x, place.x))}, y ${valueText(axisAt(y, place.y))} ${axisUnit(x)}`;
}

/** dx, dy and length; `angle`: with the angle. */
export function distanceText({ dx, dy, length, angle, unit }: Distance, withAngle: boolean): string {
  const turn = withAngle ? `, ${angle.toFixed(1)}°` : "";
  return `dx ${valueText(dx)}, dy ${valueText(dy)}, length ${valueText(length)} ${unit}${turn}`;
}

/** Five figures: more than a place on a screen is worth. */
function valueText(value: number): string {
  return compactNumber(Number(value.toPrecision(5)));
}
