/** Faults of the page itself, shown instead of hidden in the console. */

import { el, setText } from "./dom";
import { icon } from "./icons";

const MOST = 4;

export class ErrorBar {
  private readonly shown = new Map<string, { count: number; counter: HTMLElement; bar: HTMLElement }>();

  private readonly host: HTMLElement;

  constructor(host: HTMLElement) {
    this.host = host;
    window.addEventListener("error", (event) => this.addFault(event.message));
    window.addEventListener("unhandledrejection", (event) => this.addFault(String(event.reason)));
  }

  /** Show a sentence; the same sentence again is only counted. */
  add(text: string): void {
    const known = this.shown.get(text);
    if (known !== undefined) {
      known.count += 1;
      setText(known.counter, `${known.count} times`);
      return;
    }
    const counter = el("span", { class: "error-count" });
    const close = el("button", { type: "button", class: "button button-icon", "aria-label": "Dismiss" }, icon("close"));
    const bar = el(
      "p",
      { class: "error", "data-testid": "error" },
      icon("warning"),
      el("span", { class: "error-text" }, text),
      counter,
      close,
    );
    close.addEventListener("click", () => this.remove(text));
    this.shown.set(text, { count: 1, counter, bar });
    this.host.append(bar);
    const oldest = this.shown.keys().next();
    if (this.shown.size > MOST && oldest.done !== true) this.remove(oldest.value);
  }

  /** Show a fault of the program itself. */
  addFault(text: string): void {
    this.add(`Fault of this page: ${text}`);
  }

  private remove(text: string): void {
    this.shown.get(text)?.bar.remove();
    this.shown.delete(text);
  }
}
