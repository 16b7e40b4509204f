/** Lengths along a line of the image. Pure. */

import { axisUnit } from "../../analysis/axis";
import type { Axis } from "../../contract";
import type { Axes } from "../stage/measure";
import type { LineSettings } from "../settings";

export interface LineScale {
  /** of the unit, to a pixel along the line */
  factor: number;
  unit: string;
}

/** In the unit of the axes where both are linear and have the same one, else in pixels. */
export function lineScale({ x0, y0, x1, y1 }: LineSettings, axes: Axes): LineScale {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const { x, y } = axes;
  if (!isLinear(x) || !isLinear(y) || x.unit !== y.unit || length === 0) return { factor: 1, unit: "px" };
  return { factor: Math.hypot((x1 - x0) * x.step, (y1 - y0) * y.step) / length, unit: axisUnit(x) };
}

function isLinear(axis: Axis): axis is Extract<Axis, { kind: "linear" }> {
  return axis.kind === "linear";
}
