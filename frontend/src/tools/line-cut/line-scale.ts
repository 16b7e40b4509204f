/** Lengths along a line of the image. Pure. */

import { axisAt, axisUnit } from "../../analysis/axis";
import type { LineSettings } from "./settings";
import { type Axes, axesOfOneUnit } from "../../ui/stage/measure";

export interface LineScale {
  /** of the place that lies so many pixels along the line, from its start, in the unit */
  at(pixels: number): number;
  unit: string;
}

/** In the unit of the axes where both have the same one, else in pixels. */
export function lineScale({ x0, y0, x1, y1 }: LineSettings, axes: Axes): LineScale {
  const { x, y } = axesOfOneUnit(axes);
  const length = Math.hypot(x1 - x0, y1 - y0);
  const unit = axisUnit(x);
  if (length === 0 || (x.kind === "pixel" && y.kind === "pixel")) return { at: (pixels) => pixels, unit };
  const [startX, startY] = [axisAt(x, x0), axisAt(y, y0)];
  return {
    at: (pixels) => {
      const part = pixels / length;
      return Math.hypot(axisAt(x, x0 + (x1 - x0) * part) - startX, axisAt(y, y0 + (y1 - y0) * part) - startY);
    },
    unit,
  };
}
