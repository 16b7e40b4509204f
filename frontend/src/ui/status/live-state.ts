/** What the page knows of the stream, gathered from the worker's messages. No DOM. */

import type {
  Analysis,
  Connection,
  FromWorker,
  Hello,
  LastValue,
  News,
  ProcessingState,
  PulseValues,
  Shown,
  Status,
} from "../../contract";
import { handle, type Handlers, ignored } from "../../contract/kinds";
import { Cadence } from "./cadence";
import { total } from "./counts";
import { AlarmMemory, type Alarm } from "./status-text";
import type { Sending } from "./sending";
import type { VeilInputs } from "./veil-inputs";

/**
 * Whose values the table shows: of the picture on screen, of one of its last pictures, the newest without a picture, or
 * of a picture that is no longer there.
 */
export type TableSource = "picture" | "sampled" | "newest" | "past";

/** Pictures a second from which on the table cannot follow each of them. */
const FAST = 11;
/** After so long without a picture the values are those of the one on screen, also in a fast stream. */
const SETTLED_MS = 300;

export class LiveState {
  connection: Connection = { state: "connecting", attempt: 0 };
  hello: Hello | null = null;
  status: Status | null = null;
  shown: Shown | null = null;
  shownAt = 0;
  /** values that came with the picture on screen, and the newest of the scalar lane */
  pictureValues: PulseValues | null = null;
  newestValues: PulseValues | null = null;
  /** of the picture on screen or one of its last pictures; null: nothing is computed */
  analysis: Analysis | null = null;
  /** null: nothing was ever done with the pixels */
  processing: ProcessingState | null = null;
  /** last values of the channels that do not come with every pulse, not yet taken by the table */
  lastValues = new Map<string, LastValue>();
  rowsLost = 0;
  serverAnswers: boolean | null = null;
  broken: string | null = null;
  private analysing = false;
  /** the one that came first since there was none */
  private firstPicture = 0;
  /** since when the picture is held by the user; null while it plays */
  pausedAt: number | null = null;
  everOpen = false;
  lostAlarm: Alarm = "none";
  refusedAlarm: Alarm = "none";

  private connectionAt: number;
  private askedAt: number;
  private resumedAt = -Infinity;
  private lostAt: number | null = null;
  private lostReason = "";
  private heardAt: number;
  private statusAt = 0;
  private valuesAt: number | null = null;
  private sending: Sending | null = null;
  private serverPeriod: number | null = null;
  private serverImagePeriod: number | null = null;
  private readonly messages = new Cadence();
  private readonly pictures = new Cadence();
  private readonly lostMemory = new AlarmMemory();
  private readonly refusedMemory = new AlarmMemory();
  private readonly handlers: Handlers<News, [now: number]> = {
    connection: ({ connection }, now) => this.setConnection(connection, now),
    hello: ({ hello }, now) => {
      this.heardAt = now;
      this.setHello(hello);
    },
    status: ({ status }, now) => {
      this.heardAt = now;
      this.status = status;
      this.statusAt = now;
      this.keepPeriods(status);
      this.lostAlarm = this.lostMemory.update(status.source.lost, now);
      this.refusedAlarm = this.refusedMemory.update(total(status.source.refused), now);
    },
    sending: ({ bytes, received }, now) => {
      this.heardAt = now;
      const at = this.sending === null || received === 0 ? now : this.sending.at;
      this.sending = received === null ? null : { bytes, received, at };
    },
    scalars: ({ values, last, rows, lost }, now) => {
      this.heardAt = now;
      this.newestValues = values;
      for (const [name, value] of last) this.lastValues.set(name, value);
      this.rowsLost += lost;
      if (rows === 0) return;
      this.valuesAt = now;
      this.messages.add(now, rows);
    },
    shown: ({ shown, values }, now) => {
      this.heardAt = now;
      this.setShown(shown, values, now);
    },
    cleared: (_, now) => this.clearPicture(now),
    analysis: ({ analysis }) => {
      // One that was on its way when nothing was wanted any more, or of what was on screen before, says nothing.
      const known = this.shown !== null && analysis.picture >= this.firstPicture;
      if (this.analysing && known) this.analysis = analysis;
    },
    processing: ({ state }) => {
      this.processing = state;
    },
    printed: ignored,
    cursor: ignored,
    snapshot: ignored,
    pixels: ignored,
    profiles: ignored,
    error: ignored,
  };

  /** `now`: ms of the browser's monotonic clock, here and below. */
  constructor(now: number) {
    this.connectionAt = now;
    this.askedAt = now;
    this.heardAt = now;
  }

  receive(message: FromWorker, now: number): void {
    handle(this.handlers, message, now);
  }

  /** The tab was hidden: the gap says nothing about the stream. */
  forgetCadence(): void {
    this.messages.reset();
    this.pictures.reset();
  }

  /** Whether anything is computed of the pictures. */
  setAnalysing(analysing: boolean): void {
    this.analysing = analysing;
    if (!analysing) this.analysis = null;
  }

  setPaused(paused: boolean, now: number): void {
    if (!paused && this.pausedAt !== null) this.resumedAt = now;
    this.pausedAt = paused ? now : null;
    // The pause says nothing about the stream.
    this.pictures.reset();
  }

  /** Nothing that came before now is to be shown again. */
  forgetPulse(now: number): void {
    this.clearPicture(now);
    this.newestValues = null;
  }

  private clearPicture(now: number): void {
    this.askedAt = now;
    this.shown = null;
    this.pictureValues = null;
    this.analysis = null;
    this.sending = null;
    this.pictures.reset();
  }

  /** @param wantedImage the image that is chosen; null: the server's default */
  veilInputs(now: number, wantedImage: string | null = null): VeilInputs {
    return {
      now,
      connection: this.connection,
      connectionAt: this.connectionAt,
      askedAt: this.askedAt,
      everOpen: this.everOpen,
      lostAt: this.lostAt,
      lostReason: this.lostReason,
      serverAnswers: this.serverAnswers,
      heardAt: this.heardAt,
      stream: this.hello?.stream ?? null,
      status: this.status,
      statusAt: this.statusAt,
      pictureAt: this.shown === null ? null : Math.max(this.shownAt, this.resumedAt),
      valuesAt: this.valuesAt,
      pictureSentAt: this.shown === null ? null : this.shownAt - this.shown.ageMs,
      period: this.messages.period ?? this.serverPeriod ?? this.pictures.period,
      imagePeriod: this.pictures.period ?? this.serverImagePeriod,
      sending: this.sending,
      wantedImage,
      paused: this.pausedAt !== null,
      broken: this.broken,
    };
  }

  /**
   * What the table shows: the picture's own values; the newest ones while no picture lives (`live` false) but values
   * arrive. Null: nothing yet.
   */
  tableValues(live: boolean, now: number): { values: PulseValues; source: TableSource } | null {
    if ((this.shown === null || !live) && this.newestValues !== null)
      return { values: this.newestValues, source: "newest" };
    const values = this.pictureValues;
    if (values === null || this.shown === null) return null;
    const same = values.pulse.sequence === this.shown.pulse.sequence;
    const fast = this.shown.shownRate > FAST;
    return { values, source: same && (!fast || now - this.shownAt > SETTLED_MS) ? "picture" : "sampled" };
  }

  /** An image that is being received for longer than a second. */
  sendingFor(now: number): Sending | null {
    const { sending, connection } = this;
    return sending === null || now - sending.at < 1000 || connection.state !== "open" ? null : sending;
  }

  private setConnection(connection: Connection, now: number): void {
    this.connection = connection;
    this.connectionAt = now;
    if (connection.state === "open") {
      this.everOpen = true;
      this.askedAt = now;
      this.lostAt = null;
      this.serverAnswers = null;
      this.heardAt = now;
      // The status of before the loss says nothing about now.
      this.status = null;
      this.valuesAt = null;
    } else if (connection.state === "lost") {
      this.everOpen ||= connection.everOpen;
      if (this.lostAt === null) this.lostReason = connection.reason;
      this.lostAt ??= this.everOpen ? this.heardAt : now;
      this.sending = null;
    }
  }

  /** The server's rates fall to zero with the silence that they are needed for: keep the last positive ones. */
  private keepPeriods({ source }: Status): void {
    if (source.rate > 0) this.serverPeriod = 1000 / source.rate;
    if (source.image_rate > 0) this.serverImagePeriod = 1000 / source.image_rate;
  }

  private setHello(hello: Hello): void {
    if (this.hello !== null && this.hello.epoch !== hello.epoch) {
      this.newestValues = null;
      this.valuesAt = null;
      this.lastValues.clear();
    }
    this.hello = hello;
  }

  private setShown(shown: Shown, values: PulseValues | null, now: number): void {
    const again =
      this.shown !== null &&
      this.shown.pulse.sequence === shown.pulse.sequence &&
      this.shown.pulse.epoch === shown.pulse.epoch;
    if (this.shown === null) this.firstPicture = shown.picture;
    this.shown = shown;
    if (values !== null) this.pictureValues = values;
    if (again) return;
    this.shownAt = now;
    this.sending = null;
    this.pictures.add(now);
  }
}
