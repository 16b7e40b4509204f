/**
 * What the page and its worker say to each other. The worker owns the WebSocket, the decoding, the statistics and the
 * canvas; the page owns everything that a person touches. Nothing here imports the DOM, so both sides can.
 */

export type DType =
  | "bool" | "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" | "float32" | "float64";

/** A value of the stream as it came: 64-bit integers are bigint, everything else number; `null` and `invalid` are states. */
export type Scalar =
  | { state: "value"; dtype: DType | "string"; value: number | bigint | string | boolean }
  | { state: "null" }
  | { state: "invalid"; reason: string };

/** Identity of a pulse, and its times in nanoseconds (source: null if the message has none). */
export interface Pulse {
  epoch: number;
  sequence: bigint;
  pulseId: bigint;
  sourceTime: bigint | null;
  receiptTime: bigint | null;
}

export interface ArrayValue {
  dtype: DType;
  shape: number[];
  /** float64 copy for drawing; 64-bit integers above 2^53 are rounded here, and only here. */
  values: Float64Array;
}

export interface Omitted {
  dtype: string;
  shape: number[];
  reason: string;
}

/** Values of one pulse, by channel name, in the order of the stream. */
export interface PulseValues {
  pulse: Pulse;
  scalars: Map<string, Scalar>;
  arrays: Map<string, ArrayValue>;
  omitted: Map<string, Omitted>;
}

export interface SourceStatus {
  state: "resolving" | "unresolvable" | "refused" | "unreachable" | "http" | "not_zeromq" | "wrong_type" | "waiting"
    | "receiving" | "silent" | "lost" | "down";
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
  replaced: number;
}

export interface Status {
  source: SourceStatus;
  /** name, dtype, shape of what may be chosen as image */
  images: { name: string; dtype: string; shape: number[] }[];
  defaultImage: string | null;
  ingest: { restarts: number };
  viewers: number;
  you: {
    rate: number; mbit: number; not_sent: number; window: number; rtt_ms: number | null; limit: null | "rate" | "bandwidth";
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

export type ColourMapName = "viridis" | "gray" | "inferno" | "plasma" | "cividis" | "turbo";

export type Levels = { mode: "auto" } | { mode: "manual"; low: number; high: number };

/** Image pixel (0, 0) has its centre at (0, 0); canvas pixel = (image + 0.5) * scale + offset, in device pixels. */
export interface View {
  scale: number;
  offsetX: number;
  offsetY: number;
}

/** What is on screen now; sent after each draw of a new frame. */
export interface Shown {
  pulse: Pulse;
  channel: string;
  dtype: DType;
  /** rows, columns for an image; [n] for a curve (drawn by the page) */
  shape: number[];
  colour: boolean;
  slice: [number, number] | null;
  format: string;
  exact: boolean;
  bytes: number;
  /** age in ms at the moment when it was drawn, and the parts that were measured */
  ageMs: number;
  /** when it was drawn, in ms since 1970 by the browser's clock: for measurements on one machine */
  drawnAt: number;
  legs: { serverMs: number; networkMs: number | null; decodeMs: number; drawMs: number };
  /** low and high of the colour scale in use */
  levels: [number, number];
  /** of all finite pixels of this frame; null when the picture has none */
  range: [number, number] | null;
  notFinite: number;
  /** what is drawn with less precision than it has: null, or a sentence for the user */
  rounded: string | null;
  renderer: "webgl2" | "canvas2d";
  /** for a 1-D "image" */
  curve: ArrayValue | null;
  shownRate: number;
  notSent: number;
}

export type ToWorker =
  | { type: "start"; canvas: OffscreenCanvas; url: string; build: string; colourMap: ColourMapName; levels: Levels; visible: boolean;
      width: number; height: number;
      /** absent: the worker takes what is faster here; tests and people with a broken driver may say which */
      renderer?: "webgl2" | "canvas2d" }
  | { type: "size"; width: number; height: number }
  | { type: "view"; view: View }
  | { type: "visible"; visible: boolean }
  | { type: "online" }
  | { type: "want"; image?: string | null; slice?: number; format?: "auto" | "raw" | "bslz4"; rate?: number }
  | { type: "colours"; colourMap: ColourMapName; levels: Levels }
  /** image pixel under the cursor, or null */
  | { type: "cursor"; pixel: { row: number; column: number } | null }
  /** ask for the decoded pixels of the frame on screen, for `viewer.pixels()` */
  | { type: "pixels"; id: number };

export type FromWorker =
  | { type: "connection"; connection: Connection }
  | { type: "hello"; hello: Hello }
  | { type: "status"; status: Status }
  | { type: "sending"; bytes: number }
  /** scalars of the newest pulse of the scalar lane (at most ten times a second), and how many rows arrived and were lost since the last */
  | { type: "scalars"; values: PulseValues; rows: number; lost: number }
  /** after each draw of a new frame; `values` belong to this pulse and are sent with it (some ten times a second, else null) */
  | { type: "shown"; shown: Shown; values: PulseValues | null }
  /** nothing is on screen any more: another channel, a new epoch, back from hidden */
  | { type: "cleared" }
  /** text of the value(s) under the cursor, exact as sent, with the pulse that it belongs to */
  | { type: "cursor"; row: number; column: number; text: string; sequence: bigint }
  | { type: "pixels"; id: number; pulse: Pulse | null; dtype: DType | null; shape: number[]; data: ArrayBuffer | null }
  | { type: "error"; text: string };
