/** What is done with the pixels before they are seen, in words. Pure. */

import type { ProcessingState } from "../../contract";
import { clockTime } from "../../ui/format";

export interface Badge {
  text: string;
  /** something that was wanted is not done */
  warning: boolean;
}

/** The signs on the picture: whoever sees other values than the source sent is told so. */
export function processingBadges(state: ProcessingState): Badge[] {
  const badges: Badge[] = [];
  const { background, average, threshold, waiting } = state;
  if (background.state === "dropped")
    badges.push({ text: `background dropped: ${background.reason ?? "it did not fit any more"}`, warning: true });
  if (waiting !== null) return [...badges, { text: `raw picture: ${waiting}`, warning: true }];
  if (background.state === "taking")
    badges.push({ text: `taking the background, ${background.taken} of ${background.frames}`, warning: false });
  if (background.state === "on")
    badges.push({
      text: `background subtracted${background.since === null ? "" : `, since ${clockTime(background.since)}`}`,
      warning: false,
    });
  if (average.mode !== "off") badges.push({ text: averageText(state), warning: false });
  if (threshold !== null) badges.push({ text: `below ${threshold} set to 0`, warning: false });
  return badges;
}

/** Of how many frames the picture is the mean, now. */
export function averageText({ average }: ProcessingState): string {
  const { mode, frames, taken } = average;
  if (mode === "off") return "";
  const frame = taken === 1 ? "frame" : "frames";
  if (mode === "accumulate") return `mean of ${taken} ${frame}, accumulating`;
  return taken < frames ? `mean of ${taken} ${frame}, ${frames} wanted` : `mean of ${taken} ${frame}`;
}

/** The state of the background in a sentence. */
export function backgroundText({ background }: ProcessingState): string {
  const { state, taken, frames, since, pulseId, reason } = background;
  const mean = `mean of ${taken} ${taken === 1 ? "frame" : "frames"}`;
  const when = since === null ? "" : `, taken at ${clockTime(since)}`;
  const pulse = pulseId === null ? "" : `, last pulse ${pulseId}`;
  switch (state) {
    case "none":
      return "No background was taken. Block the beam, then take one.";
    case "taking":
      return `Taking: ${taken} of ${frames} frames.`;
    case "on":
      return `Subtracted: ${mean}${when}${pulse}.`;
    case "off":
      return `Not subtracted: ${mean}${when}${pulse}.`;
    case "dropped":
      return `Dropped, take it anew: ${reason ?? "it did not fit any more"}`;
  }
}
