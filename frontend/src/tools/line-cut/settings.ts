/** The line whose values are plotted. */

import { finiteNumbers, type Setting, simple } from "../../ui/settings/setting";
import { isImagePlace } from "../../ui/settings/place";

export interface LineSettings {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  width: number;
}

const line: Setting<LineSettings | null> = simple<LineSettings | null>(
  "line",
  null,
  (text) => lineOf(text) ?? undefined,
  (value) => (value === null ? "" : [value.x0, value.y0, value.x1, value.y1, value.width].join(",")),
);

export const lineCutSettings = { line };

function lineOf(text: string | null): LineSettings | null {
  const [x0, y0, x1, y1, width] = finiteNumbers(text, 5) ?? [];
  if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined || width === undefined) return null;
  const usual = Number.isInteger(width) && width >= 1 && width <= 99 && [x0, y0, x1, y1].every(isImagePlace);
  return usual ? { x0, y0, x1, y1, width } : null;
}
