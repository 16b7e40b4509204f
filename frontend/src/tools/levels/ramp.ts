/** The colours along the axis of values, from the palette and by the scale that the picture is drawn with. */

import type { Colours } from "../../contract";
import { OVER, paletteOf, UNDER } from "../../render/colourmaps";
import { normalise } from "../../render/scales";
import { type Range, type ValueAxis, valueAt } from "./value-axis";

/**
 * RGBA bytes of so many places along the axis, from its low end; beyond the levels the colours for that.
 *
 * @param levels as the scale can be drawn with, see `effectiveLevels` of render/scales.ts
 */
export function rampColours(
  axis: ValueAxis,
  levels: Range,
  colours: Colours,
  places: number,
): Uint8ClampedArray<ArrayBuffer> {
  const palette = paletteOf(colours);
  const [low, high] = levels;
  const rgba = new Uint8ClampedArray(places * 4);
  for (let place = 0; place < places; place += 1) {
    const value = valueAt(axis, (place + 0.5) / places);
    const part = normalise(value, low, high, colours.scale, colours.gamma);
    const index = value < low ? UNDER : value > high ? OVER : Math.min(255, Math.floor(256 * Math.max(0, part)));
    rgba.set(palette.subarray(4 * index, 4 * index + 4), 4 * place);
  }
  return rgba;
}
