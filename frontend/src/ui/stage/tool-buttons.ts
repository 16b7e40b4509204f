/** The buttons of the strip, in their groups: those of the stage, and those of all tools. */

import { TOOLS } from "../../tools";
import type { Tool, ToolButton } from "../../tools/tool";
import type { KeyBinding } from "../keys";
import type { SettingsStore } from "../settings";
import type { Tools } from "./handling";
import type { StageTools } from "./stage-tools";
import type { StripButton } from "./tool-strip";

export function stripGroups(hands: Tools, settings: SettingsStore, look: StageTools): StripButton[][] {
  const of = (group: Tool["group"]): StripButton[] =>
    TOOLS.filter((tool) => tool.group === group).flatMap(({ buttons }) =>
      buttons.map((button) => stripButton(button, hands, settings)),
    );
  return [
    [
      {
        name: "pan",
        icon: "move",
        label: "Move the picture",
        key: "Esc",
        press: () => hands.current !== "pan" && hands.choose("pan"),
        pressed: () => hands.current === "pan",
      },
      {
        name: "zoom",
        icon: "zoomBox",
        label: "Zoom to a rectangle",
        key: "w",
        press: () => hands.press("zoom"),
        pressed: () => hands.current === "zoom",
      },
    ],
    of("marks"),
    of("regions"),
    of("shown"),
    [
      { name: "turn", icon: "turnRight", label: "Turn right", key: "]", press: () => look.turn(1) },
      { name: "mirror-x", icon: "mirrorX", label: "Mirror left to right", key: "h", press: () => look.mirror("x") },
      { name: "mirror-y", icon: "mirrorY", label: "Mirror top to bottom", key: "v", press: () => look.mirror("y") },
    ],
    of("computed"),
  ];
}

/** The keys of the tools' buttons, but of those that register their own. */
export function buttonKeys(hands: Tools, settings: SettingsStore): KeyBinding[] {
  return TOOLS.flatMap(({ buttons }) => buttons)
    .filter((button) => !("ownKey" in button))
    .map((button) => ({
      keys: [button.key],
      group: "Tools and marks",
      text: button.label.charAt(0).toLowerCase() + button.label.slice(1),
      action: () => {
        if ("hand" in button) hands.choose(button.hand);
        else settings.set(button.toggled(settings.now));
      },
    }));
}

function stripButton(button: ToolButton, hands: Tools, settings: SettingsStore): StripButton {
  const { name, icon, label, key } = button;
  const look = { name, icon, label, key };
  if ("hand" in button)
    return { ...look, press: () => hands.press(button.hand), pressed: () => hands.current === button.hand };
  return {
    ...look,
    press: () => settings.set(button.toggled(settings.now)),
    pressed: () => button.isOn(settings.now),
  };
}
