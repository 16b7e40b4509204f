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
  /** null: the units of the axes differ */
  length: number | null;
  /** degrees from the x axis towards the y axis, -180 ... 180; null as above */
  angle: number | null;
  unitX: string;
  unitY: string;
}

/** From one place to another, on these axes. */
export function distanceBetween(a: Place, b: Place, { x, y }: Axes): Distance {
  const dx = axisAt(x, b.x) - axisAt(x, a.x);
  const dy = axisAt(y, b.y) - axisAt(y, a.y);
  const [unitX, unitY] = [axisUnit(x), axisUnit(y)];
  const same = unitX === unitY;
  return {
    dx,
    dy,
    length: same ? Math.hypot(dx, dy) : null,
    angle: same ? (Math.atan2(dy, dx) * 180) / Math.PI : null,
    unitX,
    unitY,
  };
}

/** Whether any of the axes has another unit than pixels. */
export function isCalibrated({ x, y }: Axes): boolean {
  return x.kind !== "pixel" || y.kind !== "pixel";
}

/** x and y of a place with their units. */
export function positionText(place: Place, { x, y }: Axes): string {
  const [left, right] = [valueText(axisAt(x, place.x)), valueText(axisAt(y, place.y))];
  const [unitX, unitY] = [axisUnit(x), axisUnit(y)];
  return unitX === unitY ? `x ${left}, y ${right} ${unitX}` : `x ${left} ${unitX}, y ${right} ${unitY}`;
}

/** dx, dy and length; `angle`: with the angle. */
export function distanceText({ dx, dy, length, angle, unitX, unitY }: Distance, withAngle: boolean): string {
  if (length === null || angle === null) return `dx ${valueText(dx)} ${unitX}, dy ${valueText(dy)} ${unitY}`;
  const turn = withAngle ? `, ${angle.toFixed(1)}°` : "";
  return `dx ${valueText(dx)}, dy ${valueText(dy)}, length ${valueText(length)} ${unitX}${turn}`;
}

/** Five figures: more than a place on a screen is worth. */
function valueText(value: number): string {
  return compactNumber(Number(value.toPrecision(5)));
}
