/** A button that opens a small panel of controls above it; Escape and a press elsewhere close it. */

import { el, setAttribute } from "./dom";
import { closed } from "./focus";

export class Disclosure {
  readonly panel: HTMLElement;
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;

  /** `id` is that of the panel. */
  constructor(id: string, button: HTMLButtonElement, label: string, ...content: (Node | string)[]) {
    this.button = button;
    this.panel = el("div", { class: "disclosed", id, role: "group", "aria-label": label, hidden: true }, ...content);
    this.element = el("div", { class: "disclosure" }, button, this.panel);
    setAttribute(button, "aria-expanded", "false");
    setAttribute(button, "aria-controls", id);
    button.addEventListener("click", () => this.toggle(this.panel.hidden === true));
    document.addEventListener("pointerdown", (event) => {
      if (event.target instanceof Node && !this.element.contains(event.target)) this.toggle(false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.panel.hidden || event.defaultPrevented) return;
      // The focus is nowhere after a control in here that had it was hidden.
      const inside = event.target instanceof Node && this.element.contains(event.target);
      if (!inside && event.target !== document.body) return;
      event.preventDefault();
      this.toggle(false);
      closed(button);
    });
  }

  private toggle(open: boolean): void {
    if (open !== this.panel.hidden) return;
    this.panel.hidden = !open;
    setAttribute(this.button, "aria-expanded", String(open));
  }
}
