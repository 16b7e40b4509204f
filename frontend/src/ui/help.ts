/** The help dialog: keys, from the register, and gestures. */

import { el } from "./dom";
import { closed } from "./focus";
import { icon } from "./icons";
import type { KeyBinding, KeyGroup, Keys } from "./keys";

const GROUPS: readonly KeyGroup[] = ["Picture", "Tools and marks", "Colours", "Analysis", "Page"];

const GESTURES: [string, string][] = [
  ["wheel, or two fingers", "zoom at the cursor"],
  ["drag", "move the picture"],
  ["Ctrl and drag", "zoom to a rectangle"],
  ["double click, or double tap", "fit"],
  ["move the mouse, or tap", "value, row and column of a pixel"],
  ["drag a marker or an end of the ruler", "move it; a click chooses it, Delete removes it"],
  ["drag in the small map", "move the part that is seen"],
  ["click a number in the strips", "what it means and its parts"],
];

/** Signs that are easier to read than the names of the keys. */
const SIGNS: Record<string, string> = {
  " ": "Space",
  "-": "−",
  Escape: "Esc",
  Delete: "Del",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

export class Help {
  private readonly dialog: HTMLDialogElement;
  private readonly lists = el("div", { class: "help-groups" });
  private readonly keys: Keys;

  constructor(keys: Keys) {
    this.keys = keys;
    const close = el(
      "button",
      { type: "button", class: "button button-icon", "aria-label": "Close help" },
      icon("close"),
    );
    this.dialog = el(
      "dialog",
      { id: "help", class: "help", "aria-labelledby": "help-title" },
      el("div", { class: "help-head" }, el("h2", { id: "help-title" }, "Keys and gestures"), close),
      this.lists,
      el(
        "p",
        { class: "help-note" },
        "Pixel (0, 0) is the first one that the source sends, the top left one unless the picture is turned. ",
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
    // The browser gives the focus back to the button; nobody who pressed it with the mouse needs it there.
    this.dialog.addEventListener("close", () => {
      if (document.activeElement instanceof HTMLElement) closed(document.activeElement);
    });
    document.body.append(this.dialog);
  }

  toggle(): void {
    if (this.dialog.open) this.dialog.close();
    else {
      this.fill();
      this.dialog.showModal();
    }
  }

  /** Made when it is opened: by then everybody has registered. */
  private fill(): void {
    const { bindings } = this.keys;
    this.lists.replaceChildren(
      ...GROUPS.map((group) => ({ group, rows: bindings.filter((one) => one.group === group && one.text !== null) }))
        .filter(({ rows }) => rows.length > 0)
        .map(({ group, rows }) => section(group, rows.flatMap(keyRow))),
      section(
        "Mouse and fingers",
        GESTURES.flatMap(([gesture, text]) => [el("dt", {}, gesture), el("dd", {}, text)]),
      ),
    );
  }
}

function section(title: string, rows: Node[]): HTMLElement {
  return el("section", { class: "help-group" }, el("h3", {}, title), el("dl", { class: "help-list" }, ...rows));
}

function keyRow({ keys, label, text }: KeyBinding): Node[] {
  return [el("dt", {}, ...(label ?? keys).map((key) => el("kbd", {}, sign(key)))), el("dd", {}, text ?? "")];
}

/** As it stands on the key; with Ctrl the letter is large, too. */
function sign(key: string): string {
  return SIGNS[key] ?? (/^Ctrl\+.$/.test(key) ? `Ctrl+${key.slice(-1).toUpperCase()}` : key);
}
