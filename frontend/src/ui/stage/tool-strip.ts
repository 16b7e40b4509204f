/** The bar of tools beside the picture: one tab stop, in which the arrows walk, as WAI-ARIA describes toolbars. */

import { el, setAttribute } from "../dom";
import type { ToolName, Tools } from "./handling";
import { icon, type IconName } from "../icons";

export interface StripButton {
  /** for tests: `tool-` and this */
  name: string;
  icon: IconName;
  label: string;
  key: string;
  press(): void;
  /** whether it is on; absent: it acts once and has no state */
  pressed?(): boolean;
}

const TOOLS: { tool: ToolName; icon: IconName; label: string; key: string }[][] = [
  [
    { tool: "pan", icon: "move", label: "Move the picture", key: "Esc" },
    { tool: "zoom", icon: "zoomBox", label: "Zoom to a rectangle", key: "w" },
  ],
  [
    { tool: "marker", icon: "marker", label: "Marker; press twice for the second one", key: "m" },
    { tool: "ruler", icon: "ruler", label: "Ruler", key: "u" },
    { tool: "line", icon: "cut", label: "Line cut", key: "k" },
  ],
  [
    { tool: "roi-rectangle", icon: "rectangle", label: "Rectangular region", key: "o" },
    { tool: "roi-ellipse", icon: "ellipse", label: "Elliptic region", key: "Shift+O" },
    { tool: "roi-line", icon: "segment", label: "Line as region", key: "Shift+L" },
    { tool: "roi-polygon", icon: "polygon", label: "Polygonal region", key: "Shift+P" },
  ],
];

/** The buttons of the tools that are taken in hand, in groups. */
export function toolButtons(tools: Tools): StripButton[][] {
  return TOOLS.map((group) =>
    group.map(({ tool, ...rest }) => ({
      ...rest,
      name: tool,
      press: () => (tool === "pan" ? tools.current !== "pan" && tools.choose("pan") : tools.press(tool)),
      pressed: () => tools.current === tool,
    })),
  );
}

export class ToolStrip {
  readonly element = el("div", {
    class: "tool-strip",
    role: "toolbar",
    "aria-label": "Tools",
    "aria-orientation": "vertical",
    "data-testid": "tool-strip",
  });
  private readonly buttons: { spec: StripButton; button: HTMLButtonElement }[] = [];

  constructor(groups: readonly StripButton[][]) {
    for (const group of groups) this.add(group);
    this.reach(0);
    this.element.addEventListener("keydown", (event) => this.key(event));
  }

  /** Adds a group below the others. */
  add(group: readonly StripButton[]): void {
    this.element.append(el("div", { class: "tool-group" }, ...group.map((spec) => this.make(spec))));
    this.update();
  }

  /** Show which of them are on. */
  update(): void {
    for (const { spec, button } of this.buttons)
      if (spec.pressed !== undefined) setAttribute(button, "aria-pressed", String(spec.pressed()));
  }

  /** The marker tool is for the second one. */
  setSecond(second: boolean): void {
    setAttribute(this.element, "data-second", second);
  }

  private make(spec: StripButton): HTMLButtonElement {
    const button = el(
      "button",
      {
        type: "button",
        class: "tool",
        "aria-label": spec.label,
        title: `${spec.label} (${spec.key})`,
        "data-testid": `tool-${spec.name}`,
      },
      icon(spec.icon),
    );
    button.addEventListener("click", () => spec.press());
    this.buttons.push({ spec, button });
    return button;
  }

  /** This one is the tab stop. */
  private reach(index: number): void {
    this.buttons.forEach(({ button }, at) => {
      button.tabIndex = at === index ? 0 : -1;
    });
  }

  private key(event: KeyboardEvent): void {
    const last = this.buttons.length - 1;
    const at = this.buttons.findIndex(({ button }) => button === event.target);
    const before = at === 0 ? last : at - 1;
    const after = at === last ? 0 : at + 1;
    const targets = { ArrowUp: before, ArrowLeft: before, ArrowDown: after, ArrowRight: after, Home: 0, End: last };
    const to = (targets as Record<string, number>)[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    this.reach(to);
    this.buttons[to]?.button.focus();
  }
}
