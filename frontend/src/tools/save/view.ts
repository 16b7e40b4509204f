import "./save.css";
import type { OpenTool, ToolParts } from "../tool";
import { SaveMenu } from "./save";

export function openSave({ worker, keys, withAround, save, addBesidePause }: ToolParts): OpenTool {
  const menu = new SaveMenu(worker, withAround, save);
  addBesidePause(menu.element);
  keys.add({
    keys: ["s"],
    group: "Page",
    text: "save the picture, its pixels or the values",
    action: () => menu.toggle(),
  });
  return { answer: (message) => menu.answer(message) };
}
