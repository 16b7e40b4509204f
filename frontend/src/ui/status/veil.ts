/** The veil over the picture: grey picture, a card that says why, since when and what to try. */

import { el, setAttribute, setText } from "../dom";
import { clockTime, formatDuration } from "../format";
import { icon } from "../icons";
import type { Veil } from "./veil-inputs";

export class VeilCard {
  private readonly mark = el("span", { class: "veil-mark" });
  private readonly title = el("h2", { class: "veil-title", "data-testid": "veil-title" });
  private readonly since = el("p", { class: "veil-since", "data-testid": "veil-since" });
  private readonly lines = el("div", { class: "veil-lines", "data-testid": "veil-lines" });
  private readonly hints = el("ul", { class: "veil-hints", "data-testid": "veil-hints" });
  private readonly retryText = el("span", { "data-testid": "veil-retry" });
  private readonly retryButton = el("button", { type: "button", class: "button" }, "Try now");
  private readonly retry = el("p", { class: "veil-retry" }, this.retryText, this.retryButton);
  readonly element = el(
    "div",
    { id: "veil", class: "veil", "data-testid": "veil", hidden: true },
    el(
      "div",
      { class: "veil-card", "data-testid": "veil-text" },
      el("div", { class: "veil-head" }, this.mark, this.title),
      this.since,
      this.lines,
      this.hints,
      this.retry,
    ),
  );
  private readonly stage: HTMLElement;
  private drawn = "";

  constructor(stage: HTMLElement, onRetry: () => void) {
    this.stage = stage;
    stage.append(this.element);
    this.retryButton.addEventListener("click", onRetry);
  }

  /** `now` is monotonic, `wallNow` the wall clock, both in ms. `hasPicture`: an old picture lies under the veil. */
  update(veil: Veil | null, now: number, wallNow: number, hasPicture: boolean): void {
    this.element.hidden = veil === null;
    setAttribute(this.stage, "data-veil", veil?.kind ?? null);
    setAttribute(this.stage, "data-stale", veil !== null && hasPicture);
    setAttribute(this.element, "data-kind", veil?.kind ?? null);
    setAttribute(this.element, "data-tone", veil === null ? null : veil.alarm ? "alarm" : "calm");
    if (veil === null) return;
    this.words(veil);
    const seconds = veil.since === null ? null : Math.max(0, now - veil.since) / 1000;
    this.since.hidden = seconds === null;
    if (seconds !== null) {
      const start = wallNow - seconds * 1000;
      setText(this.since, `for ${formatDuration(seconds)}, since ${clockTime(start)}`);
    }
    const left = veil.retryAt === null ? null : Math.ceil(Math.max(0, veil.retryAt - now) / 1000);
    this.retry.hidden = left === null && veil.kind !== "server-gone" && veil.kind !== "blocked";
    setText(this.retryText, left === null || left === 0 ? "Connecting …" : `Next try in ${left} s`);
    this.retryButton.hidden = left === null || left === 0;
  }

  /** The words change seldom; the counters on each tick. */
  private words(veil: Veil): void {
    const key = JSON.stringify([veil.kind, veil.title, veil.lines, veil.hints, veil.alarm]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.mark.replaceChildren(icon(veil.alarm ? "warning" : "clock"));
    setText(this.title, veil.title);
    this.lines.replaceChildren(...veil.lines.map((line) => el("p", {}, line)));
    this.hints.replaceChildren(...veil.hints.map((hint) => el("li", {}, hint)));
    this.hints.hidden = veil.hints.length === 0;
  }
}
