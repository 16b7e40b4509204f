/** Keys of the picture and of the tools. */

import type { Tools } from "./handling";
import type { KeyBinding } from "../keys";
import type { Stage } from "./stage";
import type { SettingsStore } from "../settings";
import type { StageTools } from "./stage-tools";
import { buttonKeys } from "./tool-buttons";

/** The picture moves by this part of the stage. */
const STEP = 0.1;

const ARROWS: [string, number, number][] = [
  ["ArrowLeft", -1, 0],
  ["ArrowRight", 1, 0],
  ["ArrowUp", 0, -1],
  ["ArrowDown", 0, 1],
];

/** Keys that change what is seen. */
export function lookKeys(tools: StageTools, stage: Stage): KeyBinding[] {
  const group = "Picture";
  const arrows = ARROWS.flatMap(([key, x, y]): KeyBinding[] => [
    {
      keys: [key],
      group,
      text: key === "ArrowLeft" ? "move the picture" : null,
      label: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
      onPicture: true,
      repeats: true,
      action: () => stage.panBy(-x * STEP, -y * STEP),
    },
    {
      keys: [`Shift+${key}`],
      group,
      text: key === "ArrowLeft" ? "move the pixel that is read out" : null,
      label: ["Shift", "arrow"],
      onPicture: true,
      repeats: true,
      action: () => tools.movePixel(y, x),
    },
  ]);
  return [
    { keys: ["+", "="], label: ["+"], group, text: "zoom in", repeats: true, action: () => stage.zoomBy(1.5) },
    { keys: ["-"], group, text: "zoom out", repeats: true, action: () => stage.zoomBy(1 / 1.5) },
    { keys: ["0", "f"], group, text: "fit the whole picture", action: () => stage.fit() },
    { keys: ["l"], group, text: "fill the stage", action: () => stage.fill() },
    { keys: ["1"], group, text: "one image pixel on one screen pixel", action: () => stage.scaleTo(1) },
    { keys: ["2"], group, text: "one image pixel on two by two screen pixels", action: () => stage.scaleTo(2) },
    { keys: ["b"], group, text: "zoom to the beam", action: () => tools.zoomToBeam() },
    ...arrows,
    { keys: ["c"], group, text: "read out the pixel in the middle, or stop", action: () => stage.togglePixel() },
    { keys: ["["], group, text: "turn left", action: () => tools.turn(3) },
    { keys: ["]"], group, text: "turn right", action: () => tools.turn(1) },
    { keys: ["h"], group, text: "mirror left to right", action: () => tools.mirror("x") },
    { keys: ["v"], group, text: "mirror top to bottom", action: () => tools.mirror("y") },
    {
      keys: ["z", "Ctrl+z"],
      group,
      text: "take back the last change of the view",
      repeats: true,
      action: () => tools.undo(),
    },
    {
      keys: ["Shift+Z", "Ctrl+y", "Ctrl+Shift+Z"],
      label: ["Shift+Z", "Ctrl+y"],
      group,
      text: "do it again",
      repeats: true,
      action: () => tools.redo(),
    },
    { keys: ["r"], group, text: "reset view, orientation and tool", action: () => tools.reset() },
    { keys: ["Home"], group, text: null, onPicture: true, action: () => tools.reset() },
  ];
}

/** Keys of tools and marks. */
export function toolKeys(stageTools: StageTools, tools: Tools, settings: SettingsStore): KeyBinding[] {
  const group = "Tools and marks";
  return [
    { keys: ["w"], group, text: "zoom to a rectangle", action: () => tools.choose("zoom") },
    ...buttonKeys(tools, settings),
    {
      keys: ["Enter"],
      group,
      text: "with a tool: begin at the pixel that is read out, then end there",
      onPicture: true,
      action: () => stageTools.enter(),
    },
    {
      keys: ["Delete", "Backspace"],
      label: ["Delete"],
      group,
      text: "remove the marker or ruler that is chosen",
      onPicture: true,
      action: () => stageTools.marks.removeChosen(),
    },
    {
      keys: ["Escape"],
      group,
      text: "put the tool away, let go of what is dragged",
      action: () => stageTools.escape(),
    },
  ];
}
