/** What is known of the pictures' analysis, for all that show it. No DOM. */

import type { Analysis, ProcessingState, Shown } from "../../contract";
import { PIXEL_AXES, type Axes } from "../stage/measure";
import type { Reference } from "../../tools/projections/reference";

export const NO_PROCESSING: ProcessingState = {
  background: { state: "none", taken: 0, frames: 0, since: null, pulseId: null, reason: null },
  threshold: null,
  average: { mode: "off", frames: 0, taken: 0 },
  waiting: null,
};

export class AnalysisModel {
  /** of the picture on screen; null: nothing was computed yet */
  analysis: Analysis | null = null;
  processing: ProcessingState = NO_PROCESSING;
  reference: Reference | null = null;
  axes: Axes = PIXEL_AXES;
  /** null: there is no picture */
  shown: Shown | null = null;
  /** columns and rows of the image at its source; null without picture */
  image: { width: number; height: number } | null = null;
}
