/** Where the axes of the image get their numbers from: the stream, the user, or its pixels. Pure. */

import { fitsImage } from "../../analysis/axis";
import type { ArrayValue, Axis } from "../../contract";
import { type Axes, PIXEL_AXES } from "./measure";
import type { Calibration, Place } from "../settings";
import { typedNumber } from "../typed-number";

/** Channels with the positions of the columns and rows, as camera pipelines send them; by convention in micrometres. */
const CHANNELS = { x: "x_axis", y: "y_axis" } as const;
const STREAM_UNIT = "um";

type Manual = Extract<Calibration, { kind: "manual" }>;

export const OWN_CALIBRATION: Manual = { kind: "manual", origin: { x: 0, y: 0 }, stepX: 1, stepY: 1, unit: "um" };

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
    values: { arrays: ReadonlyMap<string, ArrayValue> } | null,
  ): Axes {
    const x = this.axis("x", calibration, shown?.of[1] ?? null, values);
    const y = this.axis("y", calibration, shown?.of[0] ?? null, values);
    if (x !== this.pair.x || y !== this.pair.y) this.pair = { x, y };
    return this.pair;
  }

  private axis(
    which: "x" | "y",
    calibration: Calibration,
    length: number | null,
    values: { arrays: ReadonlyMap<string, ArrayValue> } | null,
  ): Axis {
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
    return { kind: "values", values: positions, unit: STREAM_UNIT, name };
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

/** The calibration by two places that lie so far apart, the same along both axes; null: they tell nothing. */
export function calibratedBy(before: Calibration, a: Place, b: Place, distance: number, unit: string): Manual | null {
  const pixels = Math.hypot(b.x - a.x, b.y - a.y);
  if (!(pixels > 0) || !(distance > 0) || !Number.isFinite(distance)) return null;
  const own = before.kind === "manual" ? before : OWN_CALIBRATION;
  const step = distance / pixels;
  return { ...own, unit, stepX: step * Math.sign(own.stepX), stepY: step * Math.sign(own.stepY) };
}

/** A step along an axis, from what a person typed; null: it is none. */
export function parseStep(text: string): number | null {
  const value = typedNumber(text);
  return value === null || value === 0 ? null : value;
}

