/** The sign over a picture that stands still because somebody wanted it to: a frozen picture never goes without. */

import type { Shown } from "../../contract";
import { el, setText } from "../dom";
import { clockTime, formatDuration } from "../format";
import { icon } from "../icons";

export class PauseBadge {
  private readonly since = el("span", { "data-testid": "paused-since" });
  private readonly state = el("span", { class: "paused-state", "data-testid": "paused-state" });
  readonly element = el(
    "p",
    { class: "paused-badge", "data-testid": "paused", hidden: true },
    icon("pause"),
    el("strong", {}, "Paused"),
    this.since,
    this.state,
  );

  /** `pausedAt` and `now` are monotonic, `wallNow` the wall clock, all in ms. `pausedAt` null: it plays. */
  update(pausedAt: number | null, shown: Shown | null, now: number, wallNow: number): void {
    this.element.hidden = pausedAt === null;
    if (pausedAt === null) return;
    const lasting = now - pausedAt;
    setText(this.since, `since ${clockTime(wallNow - lasting)}, ${formatDuration(lasting / 1000)}`);
    setText(this.state, shown === null || shown.choice === "exact" ? "" : "waiting for the exact picture …");
  }
}
