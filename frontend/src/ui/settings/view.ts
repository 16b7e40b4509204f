/** How the picture is turned, its axes and what is marked on it. */

import type { Orientation } from "../../contract";
import { UPRIGHT } from "../../defaults";
import { finiteNumbers, offSwitch, type Setting, simple } from "./setting";

/** A place in the source's image; (0, 0) is the centre of the first pixel. */
export interface Place {
  x: number;
  y: number;
}

/** Where the axes get their numbers from. */
export type Calibration =
  /** channels x_axis and y_axis of the stream where they fit the image, else pixels */
  | { kind: "stream" }
  | { kind: "pixel" }
  /** the origin is a place in the image; steps along x and y, negative for descending axes */
  | { kind: "manual"; origin: Place; stepX: number; stepY: number; unit: string };

export type Markers = [first: Place | null, second: Place | null];

/** A unit may be any short word. */
const LONGEST_UNIT = 12;
const NO_MARKERS: Markers = [null, null];
const OF_STREAM: Calibration = { kind: "stream" };

export const orientation: Setting<Orientation> = {
  usual: UPRIGHT,
  read: (parameters) => orientationOf(parameters.get("turn")),
  write({ transpose, mirrorX, mirrorY }, parameters) {
    const turn = (transpose ? 1 : 0) | (mirrorX ? 2 : 0) | (mirrorY ? 4 : 0);
    if (turn !== 0) parameters.set("turn", String(turn));
  },
};

export const axes: Setting<boolean> = simple(
  "axes",
  true,
  (text) => text !== "0",
  () => "0",
);

export const reticle = offSwitch("reticle");

export const markers: Setting<Markers> = {
  usual: NO_MARKERS,
  read(parameters) {
    const first = placeOf(parameters.get("marker"));
    const second = placeOf(parameters.get("marker2"));
    return first === null && second === null ? NO_MARKERS : [first, second];
  },
  write([first, second], parameters) {
    if (first !== null) parameters.set("marker", numbers(first.x, first.y));
    if (second !== null) parameters.set("marker2", numbers(second.x, second.y));
  },
};

/** two places whose distance is measured */
export const ruler: Setting<[Place, Place] | null> = simple<[Place, Place] | null>(
  "ruler",
  null,
  (text) => {
    const [x0, y0, x1, y1] = finiteNumbers(text, 4) ?? [];
    if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) return undefined;
    return [
      { x: x0, y: y0 },
      { x: x1, y: y1 },
    ];
  },
  (value) => (value === null ? "" : numbers(...value.flatMap(({ x, y }) => [x, y]))),
);

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

function placeOf(text: string | null): Place | null {
  const [x, y] = finiteNumbers(text, 2) ?? [];
  return x === undefined || y === undefined ? null : { x, y };
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

function numbers(...values: number[]): string {
  return values.map((value) => String(Number(value.toPrecision(7)))).join(",");
}
