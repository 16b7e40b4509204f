/** What lies over the picture when it is not live, and what decides it. */

import type { Connection, Status } from "../../contract";
import type { Sending } from "./sending";

type VeilKind =
  | "connecting"
  | "blocked"
  | "server-gone"
  | "mute"
  | "ingest-down"
  | "no-stream"
  | "unusable"
  | "unusable-image"
  | "silent"
  | "released"
  | "starting"
  | "no-channel"
  | "no-image"
  | "sending"
  | "refused"
  | "held-back"
  | "page-broken";

export interface Veil {
  kind: VeilKind;
  title: string;
  /** sentences, one line each */
  lines: string[];
  /** what to try */
  hints: string[];
  /** the state lasts since this moment (browser's monotonic clock, ms); null where counting says nothing */
  since: number | null;
  /** next attempt to connect (same clock); null when none is planned */
  retryAt: number | null;
  /** a fault that somebody has to look at; else only waiting */
  alarm: boolean;
}

/** All times are milliseconds of the browser's monotonic clock. */
export interface VeilInputs {
  now: number;
  connection: Connection;
  /** when the connection's state was reported */
  connectionAt: number;
  /** since when pictures of this channel are asked for */
  askedAt: number;
  /** the WebSocket was open at least once since the page was loaded */
  everOpen: boolean;
  /** when the connection was lost, null while it is open or was never open */
  lostAt: number | null;
  /** why it was lost, before the failed attempts since */
  lostReason: string;
  /** the same server answers ordinary requests; null: not known */
  serverAnswers: boolean | null;
  /** last message of any kind from the server */
  heardAt: number;
  /** address of the source; null: not known yet */
  stream: string | null;
  status: Status | null;
  statusAt: number;
  /** last picture drawn, null when none is on screen */
  pictureAt: number | null;
  /** when the source sent that picture, as far as its age is known */
  pictureSentAt: number | null;
  /** last values of the scalar lane */
  valuesAt: number | null;
  /** typical interval between messages and between pictures here, ms */
  period: number | null;
  imagePeriod: number | null;
  sending: Sending | null;
  /** image channel that was asked for; null: the server's default */
  wantedImage: string | null;
  /** the user holds the picture: its age is no fault */
  paused: boolean;
  /** the worker cannot go on; its own words */
  broken: string | null;
}

/** From one status to the next, with room for jitter. */
export const STATUS_PERIOD = 1300;

/** Without empty sentences. */
export function veil(kind: VeilKind, title: string, rest: Partial<Omit<Veil, "kind" | "title">> = {}): Veil {
  return {
    kind,
    title,
    lines: (rest.lines ?? []).filter((line) => line !== ""),
    hints: rest.hints ?? [],
    since: rest.since ?? null,
    retryAt: rest.retryAt ?? null,
    alarm: rest.alarm ?? false,
  };
}

/** When the source sent its last message as far as this page can know; null: never. */
export function lastMessageAt(
  inputs: Pick<VeilInputs, "status" | "statusAt" | "pictureSentAt" | "valuesAt">,
): number | null {
  const age = inputs.status?.source.age_s ?? null;
  const known = [age === null ? null : inputs.statusAt - age * 1000, inputs.pictureSentAt, inputs.valuesAt].filter(
    (time): time is number => time !== null,
  );
  return known.length === 0 ? null : Math.max(...known);
}

/** The later moment of two; null: there is neither. */
export function latest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
