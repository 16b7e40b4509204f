/** The setting of each tool: whether it is on. In an address it is the tool's name with 1. */

import { type Setting, simple } from "../ui/settings/setting";
import { TOOL_NAMES, type ToolName } from "./results";

export const TOOL_SWITCHES = Object.fromEntries(
  TOOL_NAMES.map((name) => [
    name,
    simple<boolean>(
      name,
      false,
      (text) => text === "1",
      () => "1",
    ),
  ]),
) as Record<ToolName, Setting<boolean>>;
