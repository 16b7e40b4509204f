/** What a screen reader and the browser's tab say about the stream: the state, and only when it changes. */

import type { Shown } from "../../contract";
import { choiceName, isReduced } from "./choice-text";
import { setText } from "../dom";
import { compactNumber, formatDuration, formatRate, formatShape } from "../format";
import type { Veil } from "./veil-inputs";

/** A state must last so long before it is spoken: a short gap is no news. */
const SETTLED = 1500;

export class Announcer {
  private spoken = "";
  private candidate = "";
  private candidateSince = 0;

  private readonly region: HTMLElement;

  constructor(region: HTMLElement) {
    this.region = region;
  }

  /** `now` in ms, monotonic. */
  update(veil: Veil | null, paused: boolean, stream: string, now: number): void {
    const state = veil !== null ? veil.kind : paused ? "paused" : "playing";
    if (state !== this.candidate) {
      this.candidate = state;
      this.candidateSince = now;
    }
    if (state === this.spoken || now - this.candidateSince < SETTLED) return;
    this.spoken = state;
    const calm = paused ? "Paused." : `Playing ${stream}.`;
    setText(this.region, veil === null ? calm : [`${veil.title}.`, ...veil.lines].join(" "));
  }
}

/**
 * Title of the document: the state first, because tabs are narrow. `shownRate`: null in a hidden tab. `pausedAt`: since
 * when the picture is held, null while it plays.
 */
export function documentTitle(
  veil: Veil | null,
  shownRate: number | null,
  stream: string | null,
  now: number,
  pausedAt: number | null = null,
): string {
  const name = stream ?? "Stream online viewer";
  const paused = pausedAt === null ? "" : `paused ${formatDuration((now - pausedAt) / 1000)}`;
  if (veil === null && paused !== "") return `❚❚ ${paused} – ${name}`;
  if (veil === null) return shownRate === null ? `○ ${name}` : `● ${formatRate(shownRate)} fps – ${name}`;
  const lasting = veil.since === null ? "" : ` ${formatDuration((now - veil.since) / 1000)}`;
  const short: Partial<Record<Veil["kind"], string>> = {
    unusable: "unusable messages",
    "unusable-image": "unusable image",
    silent: "silent",
    "server-gone": "no server",
    blocked: "not connected",
    "no-image": "no image",
    "no-stream": "no stream",
    "ingest-down": "restarting",
    mute: "no status",
    sending: "receiving",
    "held-back": "held back",
    starting: "waiting",
    connecting: "connecting",
    "no-channel": "no such channel",
    "page-broken": "stopped",
  };
  return `${short[veil.kind] ?? veil.kind}${lasting}${paused === "" ? "" : `, ${paused}`} – ${name}`;
}

/** What the canvas shows, for somebody who does not see it. */
export function pictureLabel(shown: Shown | null, veil: Veil | null, paused = false): string {
  if (shown === null) return "No picture yet";
  const parts = [
    `Image ${shown.channel}`,
    formatShape(shown.curve === null ? shown.of : shown.shape),
    `pulse ${shown.pulse.pulseId}`,
  ];
  if (shown.range !== null) parts.push(`values from ${shown.range.map(compactNumber).join(" to ")}`);
  if (isReduced(shown.choice)) parts.push(choiceName(shown));
  if (paused) parts.push("paused");
  if (veil !== null) parts.push(`not live: ${veil.title}`);
  return parts.join(", ");
}
