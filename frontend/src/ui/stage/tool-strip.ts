/** The bar of tools beside the picture: one tab stop, in which the arrows walk, as WAI-ARIA describes toolbars. */

import { el, setAttribute } from "../dom";
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
    for (const group of groups)
      this.element.append(el("div", { class: "tool-group" }, ...group.map((spec) => this.make(spec))));
    this.update();
    this.reach(0);
    this.element.addEventListener("keydown", (event) => this.key(event));
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
