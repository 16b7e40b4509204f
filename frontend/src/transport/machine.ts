import type { Connection } from "../contract";

/** What the owner of the WebSocket has to do. */
export type Action =
  | { do: "open" }
  /** forget the WebSocket, whatever state it is in */
  | { do: "drop" }
  | { do: "report"; connection: Connection };

/** What a message was, as far as the life of the connection is concerned. */
export type Heard = "hello" | "sending" | "frame" | "other";

/** No message for so long: the connection is lost (docs/protocol.md). */
const SILENCE_MS = 3000;
/** The same, after the server announced a large image. */
const SENDING_MS = 60_000;
/** A handshake that takes longer than this will not come. */
const HANDSHAKE_MS = 10_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5000;
/** A connection that lived so long ends a row of failures. */
const PROVEN_MS = 5000;
/** A handshake that is younger than this is not begun anew when the network comes back. */
const YOUNG_MS = 1000;

type State =
  | { name: "idle" }
  | { name: "connecting"; since: number }
  /** open, but the server has not said hello yet */
  | { name: "greeting"; since: number }
  | { name: "open"; since: number; heard: number; sending: number | null }
  | { name: "waiting"; until: number };

/**
 * The life of the connection, apart from WebSocket and clock: events with their times in milliseconds go in,
 * actions come out.
 *
 * A message that comes after the silence was too long does not save the connection: the page may have been frozen,
 * and then what lies in its buffers is old.
 */
export class ConnectionMachine {
  private state: State = { name: "idle" };
  private attempt = 0;
  private everOpen = false;
  private readonly random: () => number;

  /** @param random uniform in [0, 1) */
  constructor(random: () => number) {
    this.random = random;
  }

  start(now: number): Action[] {
    return this.connect(now);
  }

  /** The WebSocket handshake succeeded. */
  opened(now: number): Action[] {
    if (this.state.name === "connecting") this.state = { name: "greeting", since: now };
    return [];
  }

  /** True if a message that arrives now may be used; false if the connection is, or has just become, a lost one. */
  mayUse(now: number): boolean {
    return (this.state.name === "greeting" || this.state.name === "open") && now <= this.deadline();
  }

  /** A message was used. */
  heard(what: Heard, now: number): Action[] {
    if (this.state.name === "greeting" && what === "hello") {
      this.state = { name: "open", since: now, heard: now, sending: null };
      this.everOpen = true;
      return [{ do: "report", connection: { state: "open" } }];
    }
    if (this.state.name === "open") {
      const sending = what === "sending" ? now : what === "frame" ? null : this.state.sending;
      this.state = { ...this.state, heard: now, sending };
    }
    return [];
  }

  /** This worker itself was busy for so long and could not have heard anything. */
  busy(ms: number): void {
    if (this.state.name === "open") this.state.heard += ms;
    else if (this.state.name === "greeting") this.state.since += ms;
  }

  /** The WebSocket closed by itself. */
  closed(reason: string, now: number): Action[] {
    return this.state.name === "idle" || this.state.name === "waiting" ? [] : this.lose(reason, now);
  }

  /** The network came back, or the page became visible: no reason to wait any longer. */
  wake(now: number): Action[] {
    if (this.state.name === "connecting" && now - this.state.since > YOUNG_MS) {
      return [{ do: "drop" }, ...this.connect(now)];
    }
    const actions = this.tick(now);
    return this.stateName() === "waiting" ? [...actions, ...this.connect(now)] : actions;
  }

  /** To be called at the deadline, or more often. */
  tick(now: number): Action[] {
    if (now <= this.deadline()) return [];
    switch (this.state.name) {
      case "waiting":
        return this.connect(now);
      case "connecting":
        return this.lose("the server does not answer", now);
      case "greeting":
        return this.lose("the server says nothing", now);
      default:
        return this.lose("nothing came from the server for too long", now);
    }
  }

  /** The time after which `tick` has something to do; Infinity if there is none. */
  deadline(): number {
    const state = this.state;
    switch (state.name) {
      case "idle":
        return Infinity;
      case "waiting":
        return state.until;
      case "connecting":
        return state.since + HANDSHAKE_MS;
      case "greeting":
        return state.since + SILENCE_MS;
      case "open":
        return Math.max(state.heard + SILENCE_MS, state.sending === null ? 0 : state.sending + SENDING_MS);
    }
  }

  private stateName(): State["name"] {
    return this.state.name;
  }

  private connect(now: number): Action[] {
    this.state = { name: "connecting", since: now };
    return [{ do: "report", connection: { state: "connecting", attempt: this.attempt } }, { do: "open" }];
  }

  private lose(reason: string, now: number): Action[] {
    if (this.state.name === "open" && now - this.state.since >= PROVEN_MS) this.attempt = 0;
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.attempt, 10));
    // Half of the delay is random: a hundred pages that lost one server must not come back in step.
    const retryInMs = Math.round(longest * (0.5 + 0.5 * this.random()));
    this.attempt++;
    this.state = { name: "waiting", until: now + retryInMs };
    return [
      { do: "drop" },
      {
        do: "report",
        connection: { state: "lost", everOpen: this.everOpen, retryInMs, attempt: this.attempt, reason },
      },
    ];
  }
}
