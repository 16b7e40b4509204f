/**
 * The axis of values beside the picture. It reaches beyond the levels, so that one sees what lies outside of them,
 * and it does not follow every picture. No DOM.
 *
 * Decades are evenly spaced where the colours are logarithmic, and on both sides of zero where they are symlog or
 * asinh; else values are. The colours along the axis come from `render/scales.ts`: the axis only says where a value lies.
 */

import type { ScaleName } from "../../contract";
import { compact, niceTicks, scaleLabels } from "../../ui/ticks";

export type Range = [low: number, high: number];

export interface ValueAxis {
  kind: "linear" | "log" | "asinh";
  low: number;
  high: number;
  /** `asinh`: around zero values are even up to this one */
  knee: number;
}

export interface AxisTick {
  /** 0 at the lowest value, 1 at the highest */
  part: number;
  label: string;
}

/** Where the data begin on a logarithmic axis that has to hold zero, below one count. */
const LOWEST_COUNT = 0.5;
const DECADES_BELOW = 4;
/** Levels that the page finds take at least this part of the axis, though single pixels lie far outside. */
const LEAST_PART = 1 / 6;
/** Levels narrower than this part of the axis cannot be taken hold of any more: the axis changes. */
const TOO_NARROW = 0.03;
/** Up to here a logarithmic axis has numbers between its powers of ten. */
const FEW_DECADES = 1e3;
const MARGIN = 0.08;
const SHRINK = 0.6;
/** No axis ends beyond: the span of one from its negative to itself is still a double. */
const LARGEST = 8e307;

function kindOf(scale: ScaleName): ValueAxis["kind"] {
  return scale === "log" ? "log" : scale === "symlog" || scale === "asinh" ? "asinh" : "linear";
}

function forward(axis: Pick<ValueAxis, "kind" | "knee">, value: number): number {
  if (axis.kind === "log") return value > 0 ? Math.log10(value) : -Infinity;
  return axis.kind === "asinh" ? Math.asinh(value / axis.knee) : value;
}

function backward(axis: Pick<ValueAxis, "kind" | "knee">, at: number): number {
  if (axis.kind === "log") return 10 ** at;
  return axis.kind === "asinh" ? Math.sinh(at) * axis.knee : at;
}

/** Part of the axis at which a value lies: 0 at the bottom, 1 at the top, beyond that outside. */
export function partOf(axis: ValueAxis, value: number): number {
  const bottom = forward(axis, axis.low);
  return (forward(axis, value) - bottom) / (forward(axis, axis.high) - bottom);
}

/** As partOf, but never outside. */
export function limitedPartOf(axis: ValueAxis, value: number): number {
  return Math.min(1, Math.max(0, partOf(axis, value)));
}

export function valueAt(axis: ValueAxis, part: number): number {
  const bottom = forward(axis, axis.low);
  return backward(axis, bottom + part * (forward(axis, axis.high) - bottom));
}

/**
 * The axis for what is on screen: it holds the levels, and the data unless single values lie far outside. The previous
 * one stays as long as it is good enough.
 *
 * @param data lowest and highest finite value; null: not known
 * @param held the levels were set by hand: data that come and go do not move the axis
 */
export function axisFor(
  previous: ValueAxis | null,
  scale: ScaleName,
  levels: Range,
  data: Range | null,
  held: boolean,
): ValueAxis {
  const kind = kindOf(scale);
  const [low, high] = rising(levels);
  const shape = { kind, knee: kneeFor(previous?.kind === kind ? previous : null, [low, high], data) };
  const end = (range: Range, value: number): number => forward(shape, positive(kind, range, value));
  const ends = (range: Range): Range => [end(range, range[0]), end(range, range[1])];
  const inner = ends([low, high]);
  // There is no decade between levels below zero: show one.
  if (!(inner[1] > inner[0])) inner[1] = inner[0] + 1;
  const outer = data === null ? inner : union(inner, ends(rising(data)));
  const room = (inner[1] - inner[0]) / LEAST_PART / 2;
  const wanted: Range = [Math.max(outer[0], inner[0] - room), Math.min(outer[1], inner[1] + room)];
  if (previous !== null && previous.kind === kind && previous.knee === shape.knee) {
    const [bottom, top] = [forward(shape, previous.low), forward(shape, previous.high)];
    const contains = (range: Range): boolean => range[0] >= bottom && range[1] <= top;
    const good = contains(inner) && inner[1] - inner[0] >= TOO_NARROW * (top - bottom);
    if (good && (held || (contains(wanted) && wanted[1] - wanted[0] >= SHRINK * (top - bottom)))) return previous;
  }
  const margin = MARGIN * (wanted[1] - wanted[0]);
  const limited = (at: number): number => Math.max(-LARGEST, Math.min(LARGEST, backward(shape, at)));
  return { ...shape, low: limited(wanted[0] - margin), high: limited(wanted[1] + margin) };
}

/** The axis with the value at a part of it kept in place; a factor above 1 shows less of it. */
export function zoomedAxis(axis: ValueAxis, part: number, factor: number): ValueAxis {
  const low = valueAt(axis, part - part / factor);
  const high = valueAt(axis, part + (1 - part) / factor);
  // Beyond this neighbouring places are the same double, or none.
  const fine = Math.abs(high - low) > 1e-9 * Math.max(Math.abs(low), Math.abs(high));
  return Number.isFinite(low) && Number.isFinite(high) && fine ? { ...axis, low, high } : axis;
}

/** Ticks and levels on the axis, with texts that tell them apart. */
export interface AxisTexts {
  ticks: AxisTick[];
  low: string;
  high: string;
  /** what is to be added to each of the texts; "": nothing */
  offset: string;
}

/** Levels are told apart to this part of their span. */
const LEVEL_STEP = 1 / 100;
const LEVEL_FIGURES = 4;

/**
 * Round values with their places, at most so many: decades where the axis has them, else 1, 2 or 5 apart. And the levels,
 * in the same way of writing.
 */
export function axisTexts(axis: ValueAxis, [low, high]: Range, most: number): AxisTexts {
  const few = axis.kind === "log" && axis.high / axis.low < FEW_DECADES && most >= 9;
  const decades = axis.kind === "linear" ? [] : decadesOf(axis, few ? [1, 2, 5] : [1]);
  const even = decades.length < 2;
  const values = even ? niceTicks(axis.low, axis.high, most) : thinned(decades, most);
  const ticks = (labels: readonly string[]): AxisTick[] =>
    values.map((value, index) => ({ part: partOf(axis, value), label: labels[index] ?? "" }));
  if (axis.kind !== "linear") {
    const texts = even ? scaleLabels(values) : { labels: values.map((value) => compact(value, 6)), offset: "" };
    // Between narrow levels the scale is as good as linear.
    const narrow = Math.abs(high - low) < Math.max(Math.abs(low), Math.abs(high)) * 10 ** -(LEVEL_FIGURES - 2);
    const level = (value: number): string => compact(value, narrow ? 15 : LEVEL_FIGURES);
    return texts.offset === ""
      ? { ticks: ticks(texts.labels), low: level(low), high: level(high), offset: "" }
      : { ticks: ticks(values.map((value) => compact(value, 15))), low: level(low), high: level(high), offset: "" };
  }
  const step = (Math.abs(high - low) || Math.abs(low) || 1) * LEVEL_STEP;
  const coarse = scaleLabels(values);
  const fine = scaleLabels([low, high], whole(low, high) ? Math.max(1, step) : step);
  if (coarse.offset === fine.offset) {
    return { ticks: ticks(coarse.labels), low: fine.labels[0] ?? "", high: fine.labels[1] ?? "", offset: fine.offset };
  }
  // One offset for all of them: as the finest needs it.
  const all = scaleLabels([...values, low, high], step);
  return { ticks: ticks(all.labels), low: all.labels.at(-2) ?? "", high: all.labels.at(-1) ?? "", offset: all.offset };
}

function whole(low: number, high: number): boolean {
  return Number.isInteger(low) && Number.isInteger(high);
}

/** The ticks alone. */
export function axisTicks(axis: ValueAxis, most: number): AxisTick[] {
  return axisTexts(axis, [axis.low, axis.high], most).ticks;
}

/** The given multiples of powers of ten on the axis, and of their negatives and zero where it has them. */
function decadesOf(axis: ValueAxis, multiples: readonly number[]): number[] {
  const found: number[] = [];
  const add = (value: number): void => {
    if (value > axis.low && value < axis.high) found.push(value);
  };
  const largest = Math.ceil(Math.log10(Math.max(Math.abs(axis.low), Math.abs(axis.high))));
  const least = Math.floor(Math.log10(axis.kind === "log" ? axis.low : axis.knee * 10));
  if (axis.kind === "log") {
    for (let power = least; power <= largest; power += 1) {
      for (const multiple of multiples) add(multiple * 10 ** power);
    }
    return found;
  }
  for (let power = largest; power >= least; power -= 1) add(-(10 ** power));
  add(0);
  for (let power = least; power <= largest; power += 1) add(10 ** power);
  return found;
}

/** Every second, third, ... of them, with zero or the lowest kept. */
function thinned(values: readonly number[], most: number): number[] {
  const every = Math.ceil(values.length / Math.max(1, most));
  const keep = Math.max(0, values.indexOf(0));
  return values.filter((_, index) => (index - keep) % every === 0);
}

function rising([low, high]: Range): Range {
  return high > low ? [low, high] : [low - (Math.abs(low) * 0.05 || 0.5), low + (Math.abs(low) * 0.05 || 0.5)];
}

function union(one: Range, two: Range): Range {
  return [Math.min(one[0], two[0]), Math.max(one[1], two[1])];
}

/** A value that a logarithmic axis can hold: for zero and below, something under the least that is to be seen. */
function positive(kind: ValueAxis["kind"], range: Range, value: number): number {
  if (kind !== "log" || value > 0) return value;
  const top = range[1] > 0 ? range[1] : 1;
  return top > 10 * LOWEST_COUNT ? LOWEST_COUNT : top / 10 ** DECADES_BELOW;
}

/** A power of ten a few decades below the largest value; kept while it is not far off. */
function kneeFor(previous: ValueAxis | null, levels: Range, data: Range | null): number {
  const values = [...levels, ...(data ?? [])].map(Math.abs);
  const size = Math.max(...values) || 1;
  if (previous !== null && size / previous.knee >= 30 && size / previous.knee <= 3e5) return previous.knee;
  return 10 ** (Math.round(Math.log10(size)) - 3);
}
