/** What the tools compute: the one list of their names that settings, workers and page follow. */

import type { BeamFit } from "./beam/result";

/** The result of each tool for a picture. */
export interface ToolResults {
  beam: BeamFit;
}

export type ToolName = keyof ToolResults;

// The compiler refuses a list in which a tool is missing.
const NAMES: Readonly<Record<ToolName, true>> = { beam: true };

/** In the order of buttons and cards. */
export const TOOL_NAMES = Object.keys(NAMES) as ToolName[];
