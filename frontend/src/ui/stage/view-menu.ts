/** The menu beside the zoom: sizes of the picture, steps back and forth. */

import { el, setAttribute } from "../dom";
import { icon, type IconName } from "../icons";
import { asMenu } from "../menu";

export interface ViewItem {
  name: string;
  icon: IconName | null;
  text: string;
  key: string;
  press(): void;
  enabled?(): boolean;
}

export class ViewMenu {
  readonly element: HTMLDetailsElement;
  private readonly items: { item: ViewItem; button: HTMLButtonElement }[];

  constructor(items: readonly ViewItem[]) {
    this.items = items.map((item) => ({ item, button: this.make(item) }));
    const summary = el("summary", { "aria-label": "View", title: "View", "data-testid": "view-menu" }, icon("down"));
    this.element = el(
      "details",
      { class: "menu view-menu" },
      summary,
      el("div", { class: "menu-body" }, ...this.items.map(({ button }) => button)),
    );
    this.element.addEventListener("toggle", () => this.update());
    asMenu(this.element);
  }

  update(): void {
    for (const { item, button } of this.items) setAttribute(button, "disabled", item.enabled?.() === false);
  }

  private make(item: ViewItem): HTMLButtonElement {
    const button = el(
      "button",
      { type: "button", class: "menu-item", "data-testid": `view-${item.name}` },
      item.icon === null ? el("span", { class: "icon" }) : icon(item.icon),
      el("span", { class: "menu-text" }, item.text),
      el("kbd", {}, item.key),
    );
    button.addEventListener("click", () => {
      this.element.open = false;
      item.press();
    });
    return button;
  }
}
