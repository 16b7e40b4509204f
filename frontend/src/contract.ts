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

/** How a viewer may ask for images; `exact` is sent as `raw` or `bslz4`, whichever is cheaper. */
export type ImageFormat = "auto" | "exact" | "raw" | "bslz4" | "float32" | "preview";

/** What of an image is on its way: all of it, the exact pixels of a part, doubles as float32, or gray of 8 bit. */
export type Choice = "exact" | "crop" | "float32" | "preview";

/** Exact numbers of a whole image that come with its preview; decimal text, because they may exceed a double. */
export interface ImageNumbers {
  /** of the finite values; null if there is none */
  min: string | null;
  max: string | null;
  sum: string | null;
  finite: number;
  notFinite: number;
  /** value from which on pixels count as saturated; null: not known */
  saturation: string | null;
  saturated: number;
}

/** x, y, width, height in pixels of the source. */
export type Region = [x: number, y: number, width: number, height: number];

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
    /** what the server sends to this viewer, and why that (docs/protocol.md); null: before its first want; nothing speaks for less */
    choice: string | null;
    why: string | null;
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

/**
 * Pixel (0, 0) of the source's image has its centre at (0, 0); canvas pixel = (image + 0.5) * scale + offset, in device
 * pixels. The same for every format: a preview or a crop is drawn where its pixels lie in the whole image.
 */
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
  /** rows, columns of what was sent, for an image; [n] for a curve (drawn by the page) */
  shape: number[];
  /** rows, columns of the whole image at its source */
  of: [number, number];
  /** part of the image that was sent; null: all of it */
  crop: Region | null;
  /** pixels of the source along each side of a pixel that was sent */
  binning: number;
  /** data type at the source; `dtype` is that of what was sent */
  sourceDtype: DType;
  /** exact numbers of the whole image, where its pixels are not exact */
  numbers: ImageNumbers | null;
  choice: Choice;
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
  /** of all finite pixels of the whole image, of a crop only of those that were sent; null when there is none */
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

export type CursorState = "exact" | "rounded" | "waiting" | "outside";

/** What the server computed of a whole image, exact, and sent with its preview. */
export interface Profiles {
  /** sum over the rows, one value for each column; sum over the columns, one for each row */
  x: ArrayValue | null;
  y: ArrayValue | null;
  /** counts of the finite values; bin i begins at low + i * width */
  histogram: { counts: ArrayValue; low: number; width: number } | null;
}

export type ToWorker =
  | { type: "start"; canvas: OffscreenCanvas; url: string; build: string; colourMap: ColourMapName; levels: Levels; visible: boolean;
      width: number; height: number; format: ImageFormat;
      /** absent: the worker takes what is faster here; tests and people with a broken driver may say which */
      renderer?: "webgl2" | "canvas2d" }
  | { type: "size"; width: number; height: number }
  | { type: "view"; view: View }
  | { type: "visible"; visible: boolean }
  | { type: "online" }
  | { type: "want"; image?: string | null; slice?: number; format?: ImageFormat; rate?: number; saturation?: number | null }
  /** true: hold the picture, the newest whole exact one if what is on screen is less than that */
  | { type: "pause"; paused: boolean }
  | { type: "colours"; colourMap: ColourMapName; levels: Levels }
  /** pixel of the source's image under the cursor, or null */
  | { type: "cursor"; pixel: { row: number; column: number } | null }
  /** ask for the decoded pixels of the frame on screen, for `viewer.pixels()` */
  | { type: "pixels"; id: number }
  /** ask for the sums and the histogram that came with the preview on screen, for `viewer.profiles()` */
  | { type: "profiles"; id: number };

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
  /**
   * text of the value(s) under the cursor with the pulse that it belongs to. `exact`: as sent by the source; `rounded`: to
   * 32 bits on the way; `waiting`: a preview, the exact value is asked for; `outside`: beside the part that was sent. Without
   * text in the last two cases.
   */
  | { type: "cursor"; row: number; column: number; text: string; sequence: bigint; state: CursorState }
  /** `data` is null when there are no exact pixels on screen; `reason` says why, null: there is no picture */
  | {
      type: "pixels"; id: number; pulse: Pulse | null; dtype: DType | null; shape: number[]; crop: Region | null;
      data: ArrayBuffer | null; reason: string | null;
    }
  | { type: "profiles"; id: number; pulse: Pulse | null; profiles: Profiles | null }
  | { type: "error"; text: string };
