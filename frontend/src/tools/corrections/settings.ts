/** How pixels are corrected before they are drawn and analysed. */

import type { ProcessingWish } from "../../contract";
import { finiteNumbers, type Setting } from "../../ui/settings/setting";

const USUAL_AVERAGE: ProcessingWish["average"] = { mode: "off", frames: 10 };
const NO_PROCESSING: ProcessingWish = { background: true, threshold: null, average: USUAL_AVERAGE };
const MOST_FRAMES = 1000;

const processing: Setting<ProcessingWish> = {
  usual: NO_PROCESSING,
  read: (parameters) => ({
    background: parameters.get("background") !== "0",
    threshold: finiteNumbers(parameters.get("threshold"), 1)?.[0] ?? null,
    average: averageOf(parameters.get("average")),
  }),
  write({ background, threshold, average }, parameters) {
    if (!background) parameters.set("background", "0");
    if (threshold !== null) parameters.set("threshold", String(threshold));
    if (average.mode !== "off" || average.frames !== USUAL_AVERAGE.frames)
      parameters.set("average", `${average.mode},${average.frames}`);
  },
  tell: (worker, value) => worker.process({ wish: value }),
};

export const correctionSettings = { processing };

function averageOf(text: string | null): ProcessingWish["average"] {
  const [mode, count, ...more] = (text ?? "").split(",");
  const frames = Number(count);
  if (mode === undefined || !isAverageMode(mode) || more.length > 0) return USUAL_AVERAGE;
  return Number.isInteger(frames) && frames >= 1 && frames <= MOST_FRAMES ? { mode, frames } : USUAL_AVERAGE;
}

function isAverageMode(text: string): text is ProcessingWish["average"]["mode"] {
  return text === "off" || text === "running" || text === "accumulate";
}
