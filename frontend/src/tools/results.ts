/** What the tools compute. */

import type { BeamFit } from "./beam/compute/result";

/** The result of each tool for a picture. */
export interface ToolResults {
  beam: BeamFit;
}

export type ToolName = keyof ToolResults;
