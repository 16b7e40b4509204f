/**
 * The rule that gives a value its colour. WebGL and Canvas 2D both keep to it, in 32-bit floats, so that they draw the
 * same colours and a test can say which:
 *
 *     integers:  base = floor(low), within the range of the type
 *                x = float32(max(value - base, 0)),          offset = float32(low - base)
 *     floats:    x = float32(value), finite values stay so,  offset = float32(low)
 *     factor = float32(255 / (high - low)), or 0 if high is not above low
 *     t = float32(float32(x - offset) * factor), limited to 0 ... 255
 *     index = floor(float32(t + 0.5))
 *
 * Integers are compared with the base exactly before anything is rounded, so a small range far from zero keeps its
 * colours. 64-bit integers and 64-bit floats go the way of the floats. NaN and the infinities have colours of their
 * own.
 *
 * A preview is drawn as integers of 8 bit under levels that were put on its scale of gray.
 */

import type { DType } from "../contract";
import type { Picture } from "./renderer";

export const FLOAT32_MAX = 3.4028234663852886e38;

/** How values of one type become colour indices under certain levels. */
export interface Scale {
  /** subtracted exactly before rounding; null for floats */
  base: number | null;
  offset: number;
  factor: number;
}

/** Limits of the types that are drawn as integers. */
const INTEGER_LIMITS: Partial<Record<DType, [number, number]>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

export const ROUNDED = "colours are computed from values rounded to 32-bit floats; the values shown are exact";

/** What a type loses on its way to a colour, in words for the user, or null. */
export function roundedText(dtype: DType): string | null {
  return dtype === "float64" || dtype === "int64" || dtype === "uint64" ? ROUNDED : null;
}

export function scaleFor(dtype: DType, low: number, high: number): Scale {
  const span = within(high, -FLOAT32_MAX, FLOAT32_MAX) - within(low, -FLOAT32_MAX, FLOAT32_MAX);
  const factor = span > 0 ? Math.fround(Math.min(255 / span, FLOAT32_MAX)) : 0;
  const limits = INTEGER_LIMITS[dtype];
  if (limits === undefined) return { base: null, offset: toFloat32(low), factor };
  const base = within(Math.floor(low), limits[0], limits[1]);
  return { base, offset: toFloat32(low - base), factor };
}

/** The scale for a picture under levels in values of the source. */
export function pictureScale(picture: Picture, levels: readonly [number, number]): Scale {
  const [low, high] = picture.gray === null ? levels : grayLevels(levels, picture.gray);
  return scaleFor(picture.image.dtype, low, high);
}

/** Levels in values, as grays of a preview whose gray 0 and 255 stand for `gray`. */
export function grayLevels(levels: readonly [number, number], gray: readonly [number, number]): [number, number] {
  const span = gray[1] - gray[0];
  if (!(span > 0)) return [0, 255];
  return [((levels[0] - gray[0]) / span) * 255, ((levels[1] - gray[0]) / span) * 255];
}

/** Index into the 256 colours for a finite value. */
export function colourIndex(value: number, scale: Scale): number {
  const { base, offset, factor } = scale;
  const x = base === null ? toFloat32(value) : value > base ? Math.fround(value - base) : 0;
  const t = Math.fround(Math.fround(x - offset) * factor);
  return t > 0 ? (t < 255 ? Math.floor(Math.fround(t + 0.5)) : 255) : 0;
}

/** The nearest 32-bit float, except that a finite value never becomes an infinite one. */
export function toFloat32(value: number): number {
  const near = Math.fround(value);
  if (near - near === 0 || value - value !== 0) return near;
  return value > 0 ? FLOAT32_MAX : -FLOAT32_MAX;
}

function within(value: number, lowest: number, highest: number): number {
  return Math.min(Math.max(value, lowest), highest);
}
