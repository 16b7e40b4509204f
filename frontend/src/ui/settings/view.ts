/** How the picture is turned, and where its axes get their numbers from. */

import type { Orientation } from "../../contract";
import { UPRIGHT } from "../../defaults";
import { numbers, type Place } from "./place";
import { finiteNumbers, type Setting } from "./setting";

/** Where the axes get their numbers from. */
export type Calibration =
  /** channels x_axis and y_axis of the stream where they fit the image, else pixels */
  | { kind: "stream" }
  | { kind: "pixel" }
  /** the origin is a place in the image; steps along x and y, negative for descending axes */
  | { kind: "manual"; origin: Place; stepX: number; stepY: number; unit: string };

/** A unit may be any short word. */
const LONGEST_UNIT = 12;
const OF_STREAM: Calibration = { kind: "stream" };

export const orientation: Setting<Orientation> = {
  usual: UPRIGHT,
  read: (parameters) => orientationOf(parameters.get("turn")),
  write({ transpose, mirrorX, mirrorY }, parameters) {
    const turn = (transpose ? 1 : 0) | (mirrorX ? 2 : 0) | (mirrorY ? 4 : 0);
    if (turn !== 0) parameters.set("turn", String(turn));
  },
};

export const calibration: Setting<Calibration> = {
  usual: OF_STREAM,
  read: (parameters) => calibrationOf(parameters.get("cal")),
  write(value, parameters) {
    if (value.kind === "pixel") parameters.set("cal", "pixel");
    if (value.kind !== "manual") return;
    const { stepX, stepY, origin, unit } = value;
    parameters.set("cal", `${numbers(stepX, stepY, origin.x, origin.y)},${unit}`);
  },
};

function orientationOf(text: string | null): Orientation {
  if (text === null || !/^[0-7]$/.test(text)) return UPRIGHT;
  const bits = Number(text);
  return { transpose: (bits & 1) !== 0, mirrorX: (bits & 2) !== 0, mirrorY: (bits & 4) !== 0 };
}

function calibrationOf(text: string | null): Calibration {
  if (text === null) return OF_STREAM;
  if (text === "pixel") return { kind: "pixel" };
  const parts = text.split(",");
  const unit = parts.slice(4).join(",").trim();
  const [stepX = 0, stepY = 0, x = 0, y = 0] = finiteNumbers(parts.slice(0, 4).join(","), 4) ?? [];
  const sound = stepX !== 0 && stepY !== 0 && unit !== "" && unit.length <= LONGEST_UNIT;
  if (!sound) return OF_STREAM;
  return { kind: "manual", stepX, stepY, origin: { x, y }, unit };
}
