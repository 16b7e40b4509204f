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
 * A value has the colour "under" if value < base or x < offset, and "over" if x > float32(high - base), for floats
 * x > float32(high); values at the levels have the colours of the map's ends. Nothing is over unless high is above low.
 *
 * Other scales than the linear one (render/scales.ts) have 255 thresholds instead of the factor: the values at which
 * the scale passes (k + 0.5) / 255, less the base, as float32. Then index = number of thresholds <= x. So no
 * transcendental function runs for a pixel, and the colours rise with the value whatever the rounding.
 *
 * Integers are compared with the base exactly before anything is rounded, so a small range far from zero keeps its
 * colours. 64-bit integers and 64-bit floats go the way of the floats. NaN and the infinities have colours of their
 * own. The mean of several integers goes as x = float32(mean - base), which may be negative.
 *
 * A preview is drawn as integers of 8 bit under levels and thresholds that were put on its scale of gray. The three
 * parts of a colour image are linear and have neither under nor over.
 */

import type { DType, ScaleName } from "../contract";
import { OVER, UNDER } from "./colourmaps";
import type { Look, Picture } from "./renderer";
import { valueAt } from "./scales";

export const FLOAT32_MAX = 3.4028234663852886e38;

/** How values of one type become colour indices under certain levels. */
export interface Scale {
  /** subtracted exactly before rounding; null for floats */
  base: number | null;
  offset: number;
  factor: number;
  /** x above this is over */
  top: number;
  /** rising, 255 of them and Infinity, so that a search needs no bound; null: linear */
  thresholds: Float32Array | null;
}

/** Boundaries between 256 colours, and one more. */
export const THRESHOLDS = 256;

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

/** @param curve the scale, linear if null */
export function scaleFor(
  dtype: DType, low: number, high: number, curve: Curve | null = null, toPixel: (value: number) => number = identity,
): Scale {
  const [first, last] = [toPixel(low), toPixel(high)];
  const [from, to] = [within(first, -FLOAT32_MAX, FLOAT32_MAX), within(last, -FLOAT32_MAX, FLOAT32_MAX)];
  const span = to - from;
  const factor = span > 0 ? Math.fround(Math.min(255 / span, FLOAT32_MAX)) : 0;
  const limits = INTEGER_LIMITS[dtype];
  const base = limits === undefined ? null : within(Math.floor(first), limits[0], limits[1]);
  return {
    base,
    offset: toFloat32(first - (base ?? 0)),
    factor,
    top: factor > 0 ? toFloat32(to - (base ?? 0)) : FLOAT32_MAX,
    thresholds: curve === null ? null : thresholdsOf(low, high, curve, (value) => toPixel(value) - (base ?? 0)),
  };
}

/** A scale that is not linear. */
export interface Curve {
  name: ScaleName;
  gamma: number;
}

/** @param toX from a value to what is compared with */
function thresholdsOf(low: number, high: number, { name, gamma }: Curve, toX: (value: number) => number): Float32Array {
  const thresholds = new Float32Array(THRESHOLDS).fill(Infinity);
  if (!(high > low)) return thresholds;
  let last = -FLOAT32_MAX;
  for (let at = 0; at < THRESHOLDS - 1; at++) {
    const x = toFloat32(toX(valueAt((at + 0.5) / 255, low, high, name, gamma)));
    if (x > last) last = x;
    thresholds[at] = last;
  }
  return thresholds;
}

/** The scale of a picture under a look, made anew only when either asks for another. */
export class PictureScale {
  private scale: Scale | null = null;
  private dtype: DType | null = null;
  private curve: Curve = { name: "linear", gamma: 1 };
  private low = 0;
  private high = 0;
  private gray: readonly [number, number] | null = null;

  /** The same object as before if nothing changed. */
  of({ image, gray }: Picture, { levels: [low, high], scale: name, gamma }: Look): Scale {
    const sameGray = gray === this.gray || (gray !== null && gray[0] === this.gray?.[0] && gray[1] === this.gray[1]);
    const same = sameGray && image.dtype === this.dtype && low === this.low && high === this.high;
    // The parts of a colour image are linear.
    const wanted = image.channels === 1 ? name : "linear";
    if (this.scale !== null && same && wanted === this.curve.name && gamma === this.curve.gamma) return this.scale;
    [this.dtype, this.low, this.high, this.gray] = [image.dtype, low, high, gray];
    this.curve = { name: wanted, gamma };
    if (gray !== null && !(gray[1] > gray[0])) return (this.scale = scaleFor(image.dtype, 0, 255));
    const curve = wanted === "linear" ? null : this.curve;
    const toPixel = gray === null ? identity : (value: number) => grayOf(value, gray);
    return (this.scale = scaleFor(image.dtype, low, high, curve, toPixel));
  }
}

/** A value as gray of a preview whose gray 0 and 255 stand for two others. */
function grayOf(value: number, [darkest, brightest]: readonly [number, number]): number {
  return ((value - darkest) / (brightest - darkest)) * 255;
}

/** Place in the palette for a finite value: an index of the map, or beyond the levels. */
export function colourPlace(value: number, scale: Scale): number {
  const { base } = scale;
  if (base === null) return placeOf(toFloat32(value), scale);
  return value < base ? UNDER : placeOf(Math.fround(value - base), scale);
}

/** Place in the palette for the mean of several values; the mean of integers need not be one. */
export function meanPlace(mean: number, scale: Scale): number {
  return placeOf(toFloat32(mean - (scale.base ?? 0)), scale);
}

/** Index into the 256 shades of a part of a colour image. */
export function shadeIndex(value: number, scale: Scale): number {
  const base = scale.base ?? 0;
  return linearIndex(value > base ? Math.fround(value - base) : 0, scale);
}

function placeOf(x: number, scale: Scale): number {
  if (x < scale.offset) return UNDER;
  if (x > scale.top) return OVER;
  return scale.thresholds === null ? linearIndex(x, scale) : passed(x, scale.thresholds);
}

function linearIndex(x: number, { offset, factor }: Scale): number {
  const t = Math.fround(Math.fround(x - offset) * factor);
  return t > 0 ? (t < 255 ? Math.floor(Math.fround(t + 0.5)) : 255) : 0;
}

/** How many thresholds are <= x; without a branch that depends on where x lies. */
function passed(x: number, thresholds: Float32Array): number {
  let index = 0;
  for (let step = THRESHOLDS >> 1; step > 0; step >>= 1) index += thresholds[index + step - 1]! <= x ? step : 0;
  return index;
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

function identity(value: number): number {
  return value;
}
