/** The setting of each tool: whether it is on. The names of all tools follow from this list. */

import { offSwitch, type Setting } from "../ui/settings/setting";
import type { ToolName } from "./results";

/** In the order of an address. */
export const TOOL_SWITCHES: Readonly<Record<ToolName, Setting<boolean>>> = {
  beam: offSwitch("beam"),
};

export const TOOL_NAMES = Object.keys(TOOL_SWITCHES) as ToolName[];
