/** One small window for the details of a status field: for a mouse, a finger and the keyboard alike. */

import { el, setAttribute, setText } from "./dom";
import { closed } from "./focus";

export type Detail = [string, string][];

export class Popover {
  private readonly list = el("dl", { class: "popover-list" });
  private readonly box = el(
    "div",
    { class: "popover", id: "popover", role: "region", "aria-label": "Details", hidden: true },
    this.list,
  );
  private owner: HTMLElement | null = null;
  private content: () => Detail = () => [];

  constructor() {
    document.body.append(this.box);
    document.addEventListener("pointerdown", (event) => {
      if (
        event.target instanceof Node &&
        !this.box.contains(event.target) &&
        this.owner?.contains(event.target) !== true
      )
        this.close();
    });
    document.addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Escape" && this.owner !== null) {
          const owner = this.owner;
          this.close();
          closed(owner);
          event.stopPropagation();
        }
      },
      true,
    );
    window.addEventListener("resize", () => this.close());
  }

  /** Let a button open and close it. */
  attach(button: HTMLButtonElement, content: () => Detail): void {
    setAttribute(button, "aria-expanded", "false");
    setAttribute(button, "aria-controls", "popover");
    button.addEventListener("click", () => {
      const mine = this.owner === button;
      this.close();
      if (!mine) this.open(button, content);
    });
  }

  /** Bring the numbers up to date while it is open. */
  refresh(): void {
    if (this.owner === null) return;
    const rows = this.content();
    while (this.list.childElementCount > rows.length * 2) this.list.lastElementChild?.remove();
    while (this.list.childElementCount < rows.length * 2) this.list.append(el("dt"), el("dd"));
    rows.forEach(([what, value], index) => {
      const term = this.list.children[index * 2];
      const description = this.list.children[index * 2 + 1];
      if (term !== undefined) setText(term, what);
      if (description !== undefined) setText(description, value);
    });
  }

  private open(owner: HTMLElement, content: () => Detail): void {
    this.owner = owner;
    this.content = content;
    setAttribute(owner, "aria-expanded", "true");
    this.box.hidden = false;
    this.refresh();
    const anchor = owner.getBoundingClientRect();
    const { width, height } = this.box.getBoundingClientRect();
    const below = anchor.bottom + height + 8 < innerHeight;
    this.box.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`;
    this.box.style.top = `${Math.max(8, below ? anchor.bottom + 6 : anchor.top - height - 6)}px`;
  }

  private close(): void {
    if (this.owner !== null) setAttribute(this.owner, "aria-expanded", "false");
    this.owner = null;
    this.box.hidden = true;
  }
}
