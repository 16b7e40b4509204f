/** The help dialog: keys and gestures. */

import { el } from "./dom";
import { icon } from "./icons";

const KEYS: [string[], string][] = [
  [["p", "Space"], "pause, resume"],
  [["+", "−"], "zoom in, out"],
  [["0", "f"], "fit the whole picture"],
  [["1"], "one image pixel on one screen pixel"],
  [["←", "→", "↑", "↓"], "move the picture"],
  [["Shift", "arrow"], "move the pixel that is read out"],
  [["c"], "read out the pixel in the middle, or stop"],
  [["a"], "automatic levels"],
  [["x"], "fix the present levels"],
  [["t"], "show or hide the table of values"],
  [["s"], "save the picture, its pixels or the values"],
  [["/"], "filter the table by name"],
  [["Esc"], "close a curve, a menu or this help"],
  [["?"], "this help"],
];

const GESTURES: [string, string][] = [
  ["wheel, or two fingers", "zoom at the cursor"],
  ["drag", "move the picture"],
  ["double click, or double tap", "fit"],
  ["move the mouse, or tap", "value, row and column of a pixel"],
  ["click a number in the strips", "what it means and its parts"],
];

export class Help {
  private readonly dialog: HTMLDialogElement;

  constructor() {
    const close = el(
      "button",
      { type: "button", class: "button button-icon", "aria-label": "Close help" },
      icon("close"),
    );
    this.dialog = el(
      "dialog",
      { id: "help", class: "help", "aria-labelledby": "help-title" },
      el("div", { class: "help-head" }, el("h2", { id: "help-title" }, "Keys and gestures"), close),
      el(
        "dl",
        { class: "help-list" },
        ...KEYS.flatMap(([keys, text]) => [el("dt", {}, ...keys.map((key) => el("kbd", {}, key))), el("dd", {}, text)]),
      ),
      el(
        "dl",
        { class: "help-list" },
        ...GESTURES.flatMap(([gesture, text]) => [el("dt", {}, gesture), el("dd", {}, text)]),
      ),
      el(
        "p",
        { class: "help-note" },
        "Pixel (0, 0) is the top left one. ",
        "The values in the table and under the cursor are those that the source sent, also over a preview. ",
        "For scripts: ",
        el("code", {}, "window.viewer"),
        ".",
      ),
    );
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    document.body.append(this.dialog);
  }

  toggle(): void {
    if (this.dialog.open) this.dialog.close();
    else this.dialog.showModal();
  }
}
