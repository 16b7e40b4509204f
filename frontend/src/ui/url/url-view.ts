/** How the picture is turned, its axes and what is marked on it, in the URL. */

import type { Orientation } from "../../contract";
import { UPRIGHT } from "../../defaults";
import { DEFAULT_SETTINGS, type Calibration, type Place } from "../settings";
import { finiteNumbers, type UrlSection } from "./url-section";

/** A unit may be any short word. */
const LONGEST_UNIT = 12;

export const viewInUrl: UrlSection = {
  read(parameters) {
    const [x0, y0, x1, y1] = finiteNumbers(parameters.get("ruler"), 4) ?? [];
    const first = placeOf(parameters.get("marker"));
    const second = placeOf(parameters.get("marker2"));
    return {
      orientation: orientationOf(parameters.get("turn")),
      axes: parameters.get("axes") !== "0",
      reticle: parameters.get("reticle") === "1",
      markers: first === null && second === null ? DEFAULT_SETTINGS.markers : [first, second],
      ruler:
        x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined
          ? null
          : [
              { x: x0, y: y0 },
              { x: x1, y: y1 },
            ],
      calibration: calibrationOf(parameters.get("cal")),
    };
  },
  write({ orientation, axes, reticle, markers, ruler, calibration }, parameters) {
    const turn = (orientation.transpose ? 1 : 0) | (orientation.mirrorX ? 2 : 0) | (orientation.mirrorY ? 4 : 0);
    if (turn !== 0) parameters.set("turn", String(turn));
    if (!axes) parameters.set("axes", "0");
    if (reticle) parameters.set("reticle", "1");
    const [first, second] = markers;
    if (first !== null) parameters.set("marker", numbers(first.x, first.y));
    if (second !== null) parameters.set("marker2", numbers(second.x, second.y));
    if (ruler !== null) parameters.set("ruler", numbers(ruler[0].x, ruler[0].y, ruler[1].x, ruler[1].y));
    if (calibration.kind === "pixel") parameters.set("cal", "pixel");
    if (calibration.kind === "manual") {
      const { stepX, stepY, origin, unit } = calibration;
      parameters.set("cal", `${numbers(stepX, stepY, origin.x, origin.y)},${unit}`);
    }
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
  if (text === null) return DEFAULT_SETTINGS.calibration;
  if (text === "pixel") return { kind: "pixel" };
  const parts = text.split(",");
  const unit = parts.slice(4).join(",").trim();
  const [stepX = 0, stepY = 0, x = 0, y = 0] = finiteNumbers(parts.slice(0, 4).join(","), 4) ?? [];
  const sound = stepX !== 0 && stepY !== 0 && unit !== "" && unit.length <= LONGEST_UNIT;
  if (!sound) return DEFAULT_SETTINGS.calibration;
  return { kind: "manual", stepX, stepY, origin: { x, y }, unit };
}

function numbers(...values: number[]): string {
  return values.map((value) => String(Number(value.toPrecision(7)))).join(",");
}
