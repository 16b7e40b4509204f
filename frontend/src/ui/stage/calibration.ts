/** Where the axes of the image get their numbers from: the stream, the user, or its pixels. Pure. */

import { axisIndex, fitsImage } from "../../analysis/axis";
import type { ArrayValue, Axis, Scalar } from "../../contract";
import { type Axes, PIXEL_AXES } from "./measure";
import type { Calibration, Place } from "../settings";
import { typedNumber } from "../typed-number";

/** Channels with the positions of the columns and rows, as camera pipelines send them; by convention in micrometres where
 * they are calibrated, else numbers of the camera's pixels. */
const CHANNELS = { x: "x_axis", y: "y_axis" } as const;
const STREAM_UNIT = "µm";
/** A text beside them that says they are pixels of the detector, which an axis of binned pixels does not show by itself. */
const UNIT_CHANNELS = { x: "x_axis_unit", y: "y_axis_unit" } as const;
const PIXEL_UNIT = "px";
/** Of a part of an image: its pixels are counted from the corner of the whole one. */
const CAMERA_PIXELS = "camera px";
const UNIT_UNTOLD = "(unit not told)";

/** What a picture brings along, as far as axes need it. */
export interface StreamValues {
  arrays: ReadonlyMap<string, ArrayValue>;
  scalars?: ReadonlyMap<string, Scalar>;
}

type Manual = Extract<Calibration, { kind: "manual" }>;

/** A calibration that somebody has begun to type; nothing is assumed. */
export interface OwnDraft {
  origin: Place;
  stepX: number | null;
  stepY: number | null;
  unit: string | null;
}

export const NO_OWN: OwnDraft = { origin: { x: 0, y: 0 }, stepX: null, stepY: null, unit: null };

/** The axes of an image; the same objects as long as nothing about them changes, whoever asks. */
export class AxisSource {
  private pair: Axes = PIXEL_AXES;

  /**
   * @param of rows and columns of the whole image; null: there is none
   * @param values those of a picture, null: not known now, the axes of the stream stay as they were
   */
  axesFor(
    { calibration }: { calibration: Calibration },
    shown: { of: readonly [rows: number, columns: number] } | null,
    values: StreamValues | null,
  ): Axes {
    const x = this.axis("x", calibration, shown?.of[1] ?? null, values);
    const y = this.axis("y", calibration, shown?.of[0] ?? null, values);
    if (x !== this.pair.x || y !== this.pair.y) this.pair = { x, y };
    return this.pair;
  }

  private axis(which: "x" | "y", calibration: Calibration, length: number | null, values: StreamValues | null): Axis {
    const before = this.pair[which];
    if (calibration.kind === "pixel") return PIXEL_AXES[which];
    if (calibration.kind === "manual") {
      const axis = manualAxis(which, calibration);
      return sameLinear(before, axis) ? before : axis;
    }
    const name = CHANNELS[which];
    const fromStream = before.kind === "values" && before.name === name;
    if (length === null || values === null)
      return fromStream && (length === null || before.values.length === length) ? before : PIXEL_AXES[which];
    const positions = values.arrays.get(name)?.values;
    if (positions === undefined) return PIXEL_AXES[which];
    if (fromStream && sameNumbers(before.values, positions)) return before;
    if (!fitsImage(positions, length)) return PIXEL_AXES[which];
    const counted = arePixelNumbers(positions);
    if (counted && positions[0] === 0) return PIXEL_AXES[which];
    const unit = values.scalars?.get(UNIT_CHANNELS[which]);
    const pixels = counted || (unit?.state === "value" && unit.value === PIXEL_UNIT);
    return { kind: "values", values: positions, unit: pixels ? CAMERA_PIXELS : STREAM_UNIT, name };
  }
}

function manualAxis(which: "x" | "y", { origin, stepX, stepY, unit }: Manual): Axis {
  const step = which === "x" ? stepX : stepY;
  // Not -0 at the first pixel.
  return { kind: "linear", origin: 0 - step * origin[which], step, unit };
}

function sameLinear(a: Axis, b: Axis): boolean {
  if (a.kind !== "linear" || b.kind !== "linear") return false;
  return a.origin === b.origin && a.step === b.step && a.unit === b.unit;
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

/**
 * Whether an axis only counts the pixels, as the processing server does without a calibration: whole numbers from 0 on,
 * one apart, of a mirrored image downwards. Calibrated axes have their zero in the image and so negative numbers.
 */
export function arePixelNumbers(positions: ArrayLike<number>): boolean {
  const last = positions.length - 1;
  const step = last > 0 ? positions[1]! - positions[0]! : 0;
  if (Math.abs(step) !== 1) return false;
  for (let at = 0; at <= last; at++) if (positions[at] !== positions[0]! + step * at) return false;
  return Number.isInteger(positions[0]) && positions[0]! >= 0 && positions[last]! >= 0;
}

/** The unit of positions on an axis of the stream; only the axis itself, if it is there, tells it. */
export function streamUnit(positions: ArrayLike<number> | null): string {
  if (positions === null) return UNIT_UNTOLD;
  if (!arePixelNumbers(positions)) return STREAM_UNIT;
  return positions[0] === 0 ? "px" : CAMERA_PIXELS;
}

/** Axes of the stream as the beginning of a calibration of one's own, with even steps; null: they are not calibrated. */
export function ownFromAxes({ x, y }: Axes): Manual | null {
  if (x.kind !== "values" || y.kind !== "values" || x.unit !== y.unit || x.unit === CAMERA_PIXELS) return null;
  const stepOf = ({ values }: { values: Float64Array }): number =>
    (values[values.length - 1]! - values[0]!) / (values.length - 1);
  const [stepX, stepY] = [stepOf(x), stepOf(y)];
  const [column, row] = [axisIndex(x, 0), axisIndex(y, 0)];
  if (!Number.isFinite(stepX) || !Number.isFinite(stepY) || column === null || row === null) return null;
  return { kind: "manual", origin: { x: column, y: row }, stepX, stepY, unit: x.unit };
}

/** What was typed as a calibration, if it is whole. */
export function wholeCalibration({ origin, stepX, stepY, unit }: OwnDraft): Manual | null {
  return stepX === null || stepY === null || unit === null ? null : { kind: "manual", origin, stepX, stepY, unit };
}

/**
 * The calibration by two places that lie so far apart, the same along both axes, with the zero and the directions that
 * there were before; null: they tell nothing.
 */
export function calibratedBy(before: OwnDraft, a: Place, b: Place, distance: number, unit: string): Manual | null {
  const pixels = Math.hypot(b.x - a.x, b.y - a.y);
  if (!(pixels > 0) || !(distance > 0) || !Number.isFinite(distance)) return null;
  const step = distance / pixels;
  const along = (old: number | null): number => step * Math.sign(old ?? 1);
  return { kind: "manual", origin: before.origin, unit, stepX: along(before.stepX), stepY: along(before.stepY) };
}

/** A step along an axis, from what a person typed; null: it is none. */
export function parseStep(text: string): number | null {
  const value = typedNumber(text);
  return value === null || value === 0 ? null : value;
}
