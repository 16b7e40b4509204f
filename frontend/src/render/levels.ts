/**
 * The rule that gives a value its colour: floor(256 t), with t = 0 at the low level and 1 at the high one, as
 * matplotlib's Normalize and Colormap have it; t = 1 has the last colour. WebGL and Canvas 2D both keep to it, in 32-bit
 * floats, so that they draw the same colours and a test can say which:
 *
 *     integers up to 32 bit:      base = floor(low), within the range of the type;  x = float32(value - base)
 *     64-bit integers and floats: base = low in coarse steps, unit = a power of 2;  x = float32((value - base) * unit)
 *     boundary k = 1 ... 255:     the value at t = k / 256, on the same way to x
 *     index = number of boundaries <= x
 *
 * A value is subtracted from exactly, before anything is rounded: a small range far from zero keeps its colours. Steps and
 * units are coarse (`originOf`), so that the usual picture is drawn from its values as they are and its texture lives
 * through a change of levels.
 *
 * A value has the colour "under" if x < float32(low - base), and "over" if x > float32(high - base); values at the
 * levels have the colours of the map's ends. Nothing is over unless high is above low, and then all have the first colour.
 *
 * On the linear scale floor((x - low) * 256 / (high - low)), in 32-bit floats, is the index, except near a boundary, which
 * then decides; where levels are too extreme for that, eight steps find it. So no transcendental function runs for a pixel, the
 * colours rise with the value whatever the rounding, and both renderers agree to the bit.
 *
 * NaN and the infinities have colours of their own. The mean of several integers may lie between them and below the base.
 * A preview is drawn as integers of 8 bit under levels and boundaries that were put on its scale of gray. The three
 * parts of a colour image are linear and have neither under nor over.
 */

import { limitsOf } from "../analysis/type-limits";
import type { DType, ScaleName } from "../contract";
import { OVER, UNDER } from "./colourmaps";
import type { Look, Picture } from "./renderer";
import { valueAt } from "./scales";

export const FLOAT32_MAX = 3.4028234663852886e38;

/** What is done with a value before it is compared: (value - base) * unit, rounded to a 32-bit float. */
export interface Origin {
  base: number;
  /** a power of 2; 1 for integers */
  unit: number;
}

/** How values of one type become colour indices under certain levels. */
export interface Scale extends Origin {
  /** values are whole numbers of at most 32 bit: nothing is rounded before the base is off */
  integer: boolean;
  /** x below this is under, above `top` over */
  offset: number;
  top: number;
  /** from x - offset to an index that is off by one at most; null: the boundaries have to be searched */
  factor: number | null;
  /** rising, 255 of them and Infinity, so that a search needs no bound */
  thresholds: Float32Array;
}

/** Boundaries between 256 colours, and one more. */
export const THRESHOLDS = 256;

/** Types that are drawn as integers. */
const DRAWN_AS_INTEGERS: ReadonlySet<DType> = new Set(["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32"]);

/** Spans of levels that 32-bit floats hold with room on both sides. */
const LEAST_SPAN = 2 ** -100;
const LARGEST_SPAN = 2 ** 100;
/** A base lies on a grid of a power of 2 that is 4 to 16 spans of the levels wide. */
const COARSE = 3;
/** Powers of 2 far enough from the ends of doubles to be multiplied with. */
const LAST_EXPONENT = 1000;
/** The index can be computed while the low level is not so many spans away from where x is 0, ... */
const FAR = 2 ** 5;
/** ... and so near to a boundary, in parts of a colour, the boundary itself decides. The rounding is a tenth of that. */
export const UNSURE = 1 / 64;
/** Grays of a preview stand for values only about: what computing them loses is no next whole number. */
const GRAY_LOSS = 1e-6;

const LARGE = "levels of whole numbers beyond 2^53 are as coarse as doubles are there; the values shown are exact";

/**
 * What the colours of a picture with values in this range cannot tell apart, in words for the user; null: nothing.
 *
 * @param range lowest and highest finite value; null: not known
 */
export function roundedText(dtype: DType, range: readonly [number, number] | null): string | null {
  if (range === null) return null;
  const large = Math.max(-range[0], range[1]) > Number.MAX_SAFE_INTEGER;
  return (dtype === "int64" || dtype === "uint64") && large ? LARGE : null;
}

/** @param curve the scale, linear if null */
export function scaleFor(
  dtype: DType,
  low: number,
  high: number,
  curve: Curve | null = null,
  toPixel: (value: number) => number = identity,
): Scale {
  const [first, last] = [finite(toPixel(low)), finite(toPixel(high))];
  const limits = DRAWN_AS_INTEGERS.has(dtype) ? limitsOf(dtype) : undefined;
  const { base, unit } =
    limits === undefined
      ? originOf(dtype, first, last)
      : { base: within(Math.floor(first), limits[0], limits[1]), unit: 1 };
  const [offset, top] = [xOf(first, { base, unit }), xOf(last, { base, unit })];
  const loss = limits === undefined ? null : toPixel === identity ? 0 : GRAY_LOSS;
  const boundaries = last > first ? boundariesOf(low, high, first, last, { base, unit }, curve, toPixel, loss) : null;
  const span = top - offset;
  const near =
    curve === null &&
    boundaries !== null &&
    span >= LEAST_SPAN &&
    span <= LARGEST_SPAN &&
    Math.abs(offset) <= FAR * span;
  return {
    base,
    unit,
    integer: limits !== undefined,
    offset,
    top: boundaries === null ? FLOAT32_MAX : top,
    factor: near ? Math.fround(THRESHOLDS / span) : null,
    thresholds: boundaries ?? new Float32Array(THRESHOLDS).fill(Infinity),
  };
}

/**
 * Base and unit of values that are drawn as floats. The base is 0 unless the levels lie far from zero for their span, and
 * the unit is 1 unless 32-bit floats have no room for the span.
 */
function originOf(dtype: DType, low: number, high: number): Origin {
  const whole = dtype === "int64" || dtype === "uint64";
  // Half of everything, so that the span of the largest doubles is finite.
  const half = high / 2 - low / 2;
  if (!(half > 0)) return { base: whole ? Math.floor(low) : low, unit: 1 };
  const exponent = Math.floor(Math.log2(half)) + 1;
  const fits = half * 2 >= LEAST_SPAN && half * 2 <= LARGEST_SPAN;
  const unit = fits ? 1 : 2 ** -within(exponent, -LAST_EXPONENT, LAST_EXPONENT);
  const coarse = exponent + COARSE;
  if (coarse > LAST_EXPONENT) return { base: 0, unit };
  const grid = 2 ** Math.max(coarse, whole ? 0 : -LAST_EXPONENT);
  // Not -0, which would be another number to whom compares.
  return { base: Math.trunc(low / grid) * grid + 0, unit };
}

/** @param loss of values that are whole numbers: what is no difference; null: they are not */
function boundariesOf(
  low: number,
  high: number,
  first: number,
  last: number,
  { base, unit }: Origin,
  curve: Curve | null,
  toPixel: (value: number) => number,
  loss: number | null,
): Float32Array {
  const thresholds = new Float32Array(THRESHOLDS).fill(Infinity);
  let before = -FLOAT32_MAX;
  for (let at = 0; at < THRESHOLDS - 1; at++) {
    const part = (at + 1) / THRESHOLDS;
    // Between distances from the base, which are exact.
    const distance =
      curve === null
        ? (first - base) * (1 - part) + (last - base) * part
        : finite(toPixel(valueAt(part, low, high, curve.name, curve.gamma))) - base;
    const x = loss === null ? toFloat32(distance * unit) : wholeAware(distance, loss);
    if (x > before) before = x;
    thresholds[at] = before;
  }
  return thresholds;
}

/** A scale that is not linear. */
export interface Curve {
  name: ScaleName;
  gamma: number;
}

/**
 * A boundary between whole numbers as a 32-bit float, which must not lie at or below the whole number under it: rounding
 * would give that number the next colour. Not the next whole number itself, because means of several lie between.
 */
function wholeAware(distance: number, loss: number): number {
  const near = Math.round(distance);
  if (Math.abs(distance - near) <= loss) return Math.fround(near);
  const x = toFloat32(distance);
  return x <= Math.floor(distance) ? toFloat32(Math.ceil(distance)) : x;
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
  if (!scale.integer) return placeOf(xOf(value, scale), scale);
  return value < scale.base ? UNDER : placeOf(Math.fround(value - scale.base), scale);
}

/** Place in the palette for the mean of several values; the mean of integers need not be one. */
export function meanPlace(mean: number, scale: Scale): number {
  return placeOf(xOf(mean, scale), scale);
}

/** Index into the 256 shades of a part of a colour image. */
export function shadeIndex(value: number, scale: Scale): number {
  const x = xOf(value, scale);
  return x > scale.offset ? indexOf(x, scale) : 0;
}

function placeOf(x: number, scale: Scale): number {
  if (x < scale.offset) return UNDER;
  if (x > scale.top) return OVER;
  return indexOf(x, scale);
}

function indexOf(x: number, { offset, factor, thresholds }: Scale): number {
  if (factor === null) return passed(x, thresholds);
  const t = Math.fround(Math.fround(x - offset) * factor);
  const near = t > 0 ? (t < 255 ? Math.floor(t) : 255) : 0;
  const beyond = t - near;
  if (beyond > UNSURE && beyond < 1 - UNSURE) return near;
  if (x >= thresholds[near]!) return near + 1;
  return near > 0 && x < thresholds[near - 1]! ? near - 1 : near;
}

/** How many thresholds are <= x; without a branch that depends on where x lies. */
function passed(x: number, thresholds: Float32Array): number {
  let index = 0;
  for (let step = THRESHOLDS >> 1; step > 0; step >>= 1) index += thresholds[index + step - 1]! <= x ? step : 0;
  return index;
}

/** What a value is compared as; a finite one never becomes infinite. */
export function xOf(value: number, { base, unit }: Origin): number {
  const near = Math.fround((value - base) * unit);
  if (near - near === 0 || value - value !== 0) return near;
  return value > base ? FLOAT32_MAX : -FLOAT32_MAX;
}

/** The nearest 32-bit float, except that a finite value never becomes an infinite one. */
export function toFloat32(value: number): number {
  return xOf(value, { base: 0, unit: 1 });
}

/** A level that is a number; beyond the largest doubles the largest one. */
function finite(value: number): number {
  return within(value, -Number.MAX_VALUE, Number.MAX_VALUE);
}

function within(value: number, lowest: number, highest: number): number {
  return Math.min(Math.max(value, lowest), highest);
}

function identity(value: number): number {
  return value;
}
