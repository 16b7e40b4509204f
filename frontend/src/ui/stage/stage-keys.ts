/** Keys of the picture and of the tools. */

import type { ToolName, Tools } from "./handling";
import type { KeyBinding } from "../keys";
import type { Stage } from "./stage";
import type { StageTools } from "./stage-tools";

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

const IN_HAND: [string, ToolName, string][] = [
  ["w", "zoom", "zoom to a rectangle"],
  ["u", "ruler", "ruler"],
  ["k", "line", "line cut"],
  ["o", "roi-rectangle", "rectangular region"],
  ["Shift+O", "roi-ellipse", "elliptic region"],
  ["Shift+L", "roi-line", "line as region"],
  ["Shift+P", "roi-polygon", "polygonal region"],
];

/** Keys of tools, marks and what is shown beside the picture. */
export function toolKeys(stageTools: StageTools, tools: Tools): KeyBinding[] {
  const group = "Tools and marks";
  return [
    {
      keys: ["m"],
      group,
      text: "marker at the pixel that is read out, else take the marker in hand",
      action: () => stageTools.mark(0),
    },
    { keys: ["Shift+M"], group, text: "second marker", action: () => stageTools.mark(1) },
    ...IN_HAND.map(([key, tool, text]): KeyBinding => ({ keys: [key], group, text, action: () => tools.choose(tool) })),
    {
      keys: ["Enter"],
      group,
      text: "with a tool: begin at the pixel that is read out, then end there",
      onPicture: true,
      action: () => stageTools.enter(),
    },
    { keys: ["d"], group, text: "profiles", action: () => stageTools.toggleProfiles() },
    { keys: ["g"], group, text: "axes", action: () => stageTools.toggle("axes") },
    { keys: ["e"], group, text: "reticle", action: () => stageTools.toggle("reticle") },
    {
      keys: ["Delete", "Backspace"],
      label: ["Delete"],
      group,
      text: "remove the marker or ruler that is chosen",
      onPicture: true,
      action: () => stageTools.removeChosen(),
    },
    {
      keys: ["Escape"],
      group,
      text: "put the tool away, let go of what is dragged",
      action: () => stageTools.escape(),
    },
  ];
}
