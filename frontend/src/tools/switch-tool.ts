import type { Settings } from "../ui/settings";
import type { Tool, ToolButton } from "./tool";

type SwitchName = { [Name in keyof Settings]: Settings[Name] extends boolean ? Name : never }[keyof Settings];

/** A tool with one button and one setting, both of this name: it is on or off. */
export function switchTool(
  name: SwitchName,
  { group, ...look }: Pick<Tool, "group"> & Pick<ToolButton, "icon" | "label" | "key">,
): Tool {
  const button = {
    ...look,
    name,
    isOn: (now: Settings): boolean => now[name],
    toggled: (now: Settings): Partial<Settings> => ({ [name]: !now[name] }),
  };
  return { group, buttons: [button] };
}
