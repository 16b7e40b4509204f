/** Everything that says how the stream and the picture stand: title, veil, badges, the strips above and below. */

import { el, setAttribute, setText } from "../dom";
import type { Popover } from "../popover";
import type { Stage } from "../stage/stage";
import { Announcer, documentTitle, pictureLabel } from "./announcer";
import type { LiveState } from "./live-state";
import { PauseBadge } from "./pause-badge";
import { receivingText } from "./sending";
import { statusFields } from "./status-text";
import { StatusStrip } from "./status-strip";
import { VeilCard } from "./veil";
import type { Veil } from "./veil-inputs";
import { veilState } from "./veil-state";

const TITLE_MS = 900;

export interface StatusViewParts {
  state: LiveState;
  stage: Stage;
  popover: Popover;
  /** above and below the picture, and the element that screen readers follow */
  top: HTMLElement;
  counters: HTMLElement;
  announcer: HTMLElement;
  /** controls of the page that stand beside the stream */
  tools: HTMLElement;
  /** the image that is chosen; null: the server's default */
  wantedImage(): string | null;
  /** a person does not want to wait for the next attempt to connect */
  retry(): void;
}

export class StatusView {
  private readonly chip = el("p", { class: "chip", "data-testid": "receiving", hidden: true });
  private readonly badge = new PauseBadge();
  private readonly parts: StatusViewParts;
  private readonly announcer: Announcer;
  private readonly card: VeilCard;
  private readonly strip: StatusStrip;
  private veil: Veil | null = null;
  private titleAt = 0;

  constructor(parts: StatusViewParts) {
    const { stage, popover, top, counters, announcer, tools, retry } = parts;
    this.parts = parts;
    this.announcer = new Announcer(announcer);
    this.card = new VeilCard(stage.element, retry);
    this.strip = new StatusStrip(top, counters, popover, tools);
    stage.element.append(this.chip, this.badge.element);
  }

  /** The title says the present state with the next refresh, however long ago it was told. */
  retitle(): void {
    this.titleAt = -Infinity;
  }

  /** Shows how things stand now: the title always, everything else in a tab that is seen. Returns the veil, if there is one. */
  refresh(now: number, hidden: boolean): Veil | null {
    const { state, wantedImage } = this.parts;
    const inputs = state.veilInputs(now, wantedImage());
    // A hidden tab gets no picture: only the source's own state counts.
    this.veil = veilState(hidden && inputs.pictureAt !== null ? { ...inputs, pictureAt: now } : inputs);
    if (now - this.titleAt > TITLE_MS || hidden) this.setTitle(now, hidden);
    if (!hidden) this.show(now);
    return this.veil;
  }

  private setTitle(now: number, hidden: boolean): void {
    const { state, stage } = this.parts;
    this.titleAt = now;
    const rate = hidden ? null : (state.shown?.shownRate ?? 0);
    const title = documentTitle(this.veil, rate, state.hello?.stream ?? null, now, state.pausedAt);
    if (document.title !== title) document.title = title;
    setAttribute(stage.canvas, "aria-label", pictureLabel(state.shown, this.veil, state.pausedAt !== null));
  }

  private show(now: number): void {
    const { veil } = this;
    const { state } = this.parts;
    const connected = state.connection.state === "open";
    const paused = state.pausedAt !== null;
    this.badge.update(state.pausedAt, state.shown, now, Date.now());
    this.card.update(veil, now, Date.now(), state.shown !== null);
    const light = veil === null ? (paused ? "waiting" : "live") : veil.alarm ? "fault" : "waiting";
    this.strip.updateStream(state.hello, state.status, light, connected);
    this.strip.update(
      statusFields({
        now,
        connected,
        hello: state.hello,
        status: state.status,
        shown: state.shown,
        shownAt: state.shownAt,
        playing: veil === null && !paused,
        paused,
        lostAlarm: state.lostAlarm,
        refusedAlarm: state.refusedAlarm,
        rowsLost: state.rowsLost,
      }),
    );
    const sending = veil === null ? state.sendingFor(now) : null;
    this.chip.hidden = sending === null;
    if (sending !== null) setText(this.chip, receivingText(sending, now));
    this.announcer.update(veil, paused, state.hello?.stream ?? "", now);
  }
}
