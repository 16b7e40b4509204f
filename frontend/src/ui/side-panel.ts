/** The panel beside the picture: one of several pages at a time, chosen by tabs as WAI-ARIA describes them. */

import { el, setAttribute } from "./dom";

interface Tab {
  name: string;
  button: HTMLButtonElement;
  page: HTMLElement;
  shown(visible: boolean): void;
}

export class SidePanel {
  private readonly list = el("div", { class: "tabs", role: "tablist", "aria-label": "Panel" });
  private readonly host: HTMLElement;
  private readonly tabs: Tab[] = [];
  private chosen: Tab | null = null;

  constructor(host: HTMLElement) {
    this.host = host;
    host.prepend(this.list);
    this.list.addEventListener("keydown", (event) => this.key(event));
  }

  /** Adds a page; the first one is open. `shown` is called when it opens and closes. */
  add(name: string, title: string, page: HTMLElement, shown: (visible: boolean) => void = () => undefined): void {
    const button = el(
      "button",
      {
        type: "button",
        class: "tab",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": `page-${name}`,
        "data-testid": `tab-${name}`,
      },
      title,
    );
    page.id = `page-${name}`;
    setAttribute(page, "role", "tabpanel");
    setAttribute(page, "aria-labelledby", `tab-${name}`);
    const tab = { name, button, page, shown };
    button.addEventListener("click", () => this.choose(tab));
    this.tabs.push(tab);
    this.list.append(button);
    this.host.append(page);
    this.choose(this.chosen ?? tab);
  }

  /** Opens a page by its name. */
  open(name: string): void {
    const tab = this.tabs.find((one) => one.name === name);
    if (tab !== undefined) this.choose(tab);
  }

  /** Shows or hides a tab; what is open when its tab goes gives way to the first page. */
  offer(name: string, offered: boolean): void {
    const tab = this.tabs.find((one) => one.name === name);
    if (tab === undefined || tab.button.hidden === !offered) return;
    tab.button.hidden = !offered;
    const [first] = this.tabs;
    if (!offered && tab === this.chosen && first !== undefined) this.choose(first);
  }

  isOpen(name: string): boolean {
    return this.chosen?.name === name;
  }

  private choose(tab: Tab): void {
    const before = this.chosen;
    this.chosen = tab;
    for (const one of this.tabs) {
      one.page.hidden = one !== tab;
      setAttribute(one.button, "aria-selected", String(one === tab));
      one.button.tabIndex = one === tab ? 0 : -1;
    }
    if (before === tab) return;
    before?.shown(false);
    tab.shown(true);
  }

  private key(event: KeyboardEvent): void {
    const tabs = this.tabs.filter((one) => !one.button.hidden);
    const at = tabs.findIndex((one) => one === this.chosen);
    const last = tabs.length - 1;
    const to = { ArrowLeft: at === 0 ? last : at - 1, ArrowRight: at === last ? 0 : at + 1, Home: 0, End: last }[
      event.key
    ];
    const tab = to === undefined ? undefined : tabs[to];
    if (tab === undefined) return;
    event.preventDefault();
    this.choose(tab);
    tab.button.focus();
  }
}
