/** The connection to the server, and what the server tells of the stream. */

import type { NoContent } from "./kinds";

/** Why the last message that could not be used was refused; all texts are short and without control characters. */
export interface Refusal {
  reason: string;
  detail: string;
  /** what the message says that it is; null: not the reason */
  htype: string | null;
  age_s: number;
  /** refused a second */
  rate: number;
}

/** A channel whose values cannot be used now. */
export interface UnusableChannel {
  /** "": without a usable name */
  name: string;
  /** its place in the data header; null: not known */
  position: number | null;
  reason: string;
  detail: string;
  /** it is an image, as far as its definition tells */
  image: boolean;
  count: number;
  age_s: number;
}

export interface SourceStatus {
  state:
    | "resolving"
    | "unresolvable"
    | "refused"
    | "unreachable"
    | "http"
    | "not_zeromq"
    | "wrong_type"
    | "waiting"
    | "receiving"
    | "unusable"
    | "silent"
    | "lost"
    | "released"
    | "down";
  text: string;
  socket: "PULL" | "SUB" | null;
  guessed: boolean;
  shared: boolean;
  age_s: number | null;
  image_age_s: number | null;
  rate: number;
  image_rate: number;
  mbit: number;
  messages: number;
  lost: number;
  jumps: number;
  backwards: number;
  repeated: number;
  step: number | null;
  pulse_id: string | null;
  commands: number;
  refused: Record<string, number>;
  invalid: Record<string, number>;
  refusal: Refusal | null;
  /** images first; the server lists no more than sixteen */
  unusable: UnusableChannel[];
  /** what is wrong with the source's time of the last message; null: nothing */
  time_problem: string | null;
  replaced: number;
  /** scheme of the stream's address; null: an earlier server */
  kind: string | null;
  /** what a name stands for; null: not known, or there is no name */
  origin: string | null;
}

export interface Status {
  source: SourceStatus;
  /** name, dtype, shape of what may be chosen as image */
  images: { name: string; dtype: string; shape: number[] }[];
  defaultImage: string | null;
  ingest: { restarts: number };
  viewers: number;
  you: {
    rate: number;
    mbit: number;
    not_sent: number;
    window: number;
    rtt_ms: number | null;
    limit: null | "rate" | "bandwidth";
    /** what the server sends to this viewer, and why that (docs/protocol.md); null: before its first want; nothing speaks for less */
    choice: string | null;
    why: string | null;
    /** why the newest picture could not be made for this viewer; absent from earlier servers */
    refused?: string | null;
  };
}

export interface Hello {
  build: string;
  version: string;
  epoch: number;
  stream: string;
  formats: string[];
  limits: { max_rate: number; viewer_mbit: number; total_mbit: number; loopback: boolean; message_bytes: number };
}

export type Connection =
  | { state: "connecting"; attempt: number }
  | { state: "open" }
  /** `everOpen` false: pages load but the WebSocket never opened (a proxy may block it) */
  | { state: "lost"; everOpen: boolean; retryInMs: number; attempt: number; reason: string };

export interface StreamOrders {
  /** somebody sees the page, or nobody does */
  visible: { visible: boolean };
  /** the network is there again, or a person does not want to wait for the next attempt */
  online: NoContent;
}

export interface StreamNews {
  connection: { connection: Connection };
  hello: { hello: Hello };
  status: { status: Status };
  /** an image that takes long is being received, so many of its bytes until now; null: the rest will not come */
  sending: { bytes: number; received: number | null };
  /** what went wrong, in words for the user */
  error: { text: string };
}
