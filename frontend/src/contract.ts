/**
 * What the page and its worker say to each other. The worker owns the WebSocket, the decoding, the statistics and the
 * canvas; the page owns everything that a person touches. Nothing here imports the DOM, so both sides can.
 */

import type colourMaps from "../../stream_online_viewer/colormaps.json";

export type DType =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float32"
  | "float64";

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
  /** the same without loss, where `values` are rounded */
  exact?: BigInt64Array | BigUint64Array;
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

/**
 * How an array of (rows, columns, 3 or 4) or (3 or 4, rows, columns) is shown: as the stream says, else by its shape;
 * as one colour image; as a stack of slices.
 */
export type ColourChoice = "auto" | "colour" | "slices";

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

/** The last value of a channel that has none in every message, and the pulse that it belongs to. */
export interface LastValue {
  scalar: Scalar;
  sequence: bigint;
  pulseId: bigint;
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

/** Names as matplotlib has them: those of the table that page and server share. */
export type ColourMapName = keyof typeof colourMaps;

export type ScaleName = "linear" | "log" | "symlog" | "sqrt" | "gamma" | "asinh";

/**
 * How automatic levels are found: `steady` from the background to the brightest pixels, without flicker; `minmax`;
 * `percentile` between two percentiles; `sigma` mean +- so many standard deviations.
 */
export type AutoRule = "steady" | "minmax" | "percentile" | "sigma";

/** What automatic levels are found in: all of the image, what is visible of it, or the chosen region of interest. */
export type LevelsOf = "image" | "visible" | "roi";

export type Levels =
  | { mode: "auto"; rule: AutoRule; percentiles: [low: number, high: number]; sigmas: number; of: LevelsOf }
  /** from 0, or the lowest value of the type, to saturation or the highest value of the type */
  | { mode: "full" }
  | { mode: "manual"; low: number; high: number };

/** Which value a pixel of the screen shows where it covers several pixels of the image. */
export type Reduce = "nearest" | "mean" | "max";

export interface Colours {
  colourMap: ColourMapName;
  inverted: boolean;
  scale: ScaleName;
  /** exponent of the scale `gamma` */
  gamma: number;
  /** colours beyond the levels, as #rrggbb; null: the ends of the map */
  under: string | null;
  over: string | null;
  /** colour of not-a-number, as #rrggbb */
  bad: string;
  levels: Levels;
  reduce: Reduce;
}

/**
 * How the image of the source is turned to be shown: the pixel (u, v) of the shown image (u to the right, v down) is the
 * source's pixel (column, row) = (a, b), with (a, b) = transpose ? (v, u) : (u, v), then a = columns - 1 - a if mirrorX and
 * b = rows - 1 - b if mirrorY.
 */
export interface Orientation {
  transpose: boolean;
  mirrorX: boolean;
  mirrorY: boolean;
}

/** Where the shown image lies on the canvas. */
export interface Placement {
  scale: number;
  offsetX: number;
  offsetY: number;
}

/**
 * The pixel (0, 0) of the shown image has its centre at (0, 0); canvas pixel = (shown + 0.5) * scale + offset, in device
 * pixels, with the scale of the short side of very long images times their stretch (render/stretch.ts). The same for every format: a preview or a crop is drawn where its pixels lie in the whole image.
 */
export interface View extends Placement {
  orientation: Orientation;
}

/** Position of the centres of the pixels along one axis of the source's image. */
export type Axis =
  | { kind: "pixel" }
  /** origin + step * index */
  | { kind: "linear"; origin: number; step: number; unit: string }
  /** one value for each pixel, rising or descending */
  | { kind: "values"; values: Float64Array; unit: string; name: string };

/**
 * Region of interest, in pixels of the source. A rectangle and the box around an ellipse are whole pixels (first column
 * and row, number of columns and rows); the points of lines and polygons are places, (0, 0) the centre of the first
 * pixel. A pixel belongs to an ellipse or a polygon if its centre does.
 */
export type RoiShape =
  | { kind: "rectangle"; x: number; y: number; width: number; height: number }
  | { kind: "ellipse"; x: number; y: number; width: number; height: number }
  | { kind: "line"; x0: number; y0: number; x1: number; y1: number }
  | { kind: "polygon"; points: [x: number, y: number][] };

export interface Roi {
  /** 1, 2, ...; kept while the region lives */
  id: number;
  name: string;
  shape: RoiShape;
}

/**
 * What is taken from a profile before anything is computed of it: nothing, its smallest value, or the median of its
 * border. `facility`: nothing, and centre of mass and rms are those of the facility's processing server, without the
 * offset of the fit and within five sigma of it.
 */
export type Baseline = "facility" | "none" | "minimum" | "border";

/** What the page wants to be computed of each picture; what is not wanted costs nothing. */
export interface AnalysisWish {
  /** counts of the values, for the colour bar */
  histogram: boolean;
  /** projections, moments and fits; `roi`: of this region's box, null: of the image */
  projections: { roi: number | null; baseline: Baseline; fit: boolean } | null;
  rois: Roi[];
  /** the region that levels, `of: "roi"`, are found in */
  levelsRoi: number | null;
  /** values along this line; `width`: mean over so many pixels across */
  line: { x0: number; y0: number; x1: number; y1: number; width: number } | null;
  axes: { x: Axis; y: Axis };
}

/** Changes of the pixels before they are drawn and analysed. */
export interface ProcessingWish {
  /** subtract the background, if there is one */
  background: boolean;
  /** what is below becomes zero, after the subtraction; null: without */
  threshold: number | null;
  average: { mode: "off" | "running" | "accumulate"; frames: number };
}

export interface ProcessingState {
  background: {
    /** `off`: there is one, not subtracted; `dropped`: it did not fit any more, see `reason` */
    state: "none" | "taking" | "on" | "off" | "dropped";
    /** frames that are in it, of so many */
    taken: number;
    frames: number;
    /** when the last of them was received, ms since 1970; its pulse */
    since: number | null;
    pulseId: bigint | null;
    reason: string | null;
  };
  threshold: number | null;
  average: { mode: "off" | "running" | "accumulate"; frames: number /** that are in it now */; taken: number };
  /** why nothing is done although it is wanted, in words for the user: there are no exact pixels of the whole image */
  waiting: string | null;
}

export interface Moments {
  /** centre of mass and rms, on the axis; null for a profile without counts */
  com: number | null;
  rms: number | null;
  fwhm: number | null;
  /** the profile does not fall to half of its height on both sides, and `fwhm` reaches beyond its ends */
  extrapolated?: boolean;
}

/** offset + amplitude * exp(-(x - mean)^2 / (2 sigma^2)), on the axis; standard deviations of the parameters. */
export interface GaussFit {
  state: "converged" | "failed" | "empty";
  /** why it failed, in words for the user */
  reason: string | null;
  /** values beyond the state `converged` are null */
  offset: number | null;
  amplitude: number | null;
  mean: number | null;
  sigma: number | null;
  errors: [offset: number, amplitude: number, mean: number, sigma: number] | null;
  /** a value to be doubted: saturated pixels in the region, or a maximum at its border */
  mark: "saturated" | "clipped" | null;
}

export interface Projection {
  /** first pixel along the axis, and sums over the other axis, one for each pixel, after the baseline */
  first: number;
  values: Float64Array;
  baseline: number;
  /**
   * With the baseline `facility`: the offset that centre of mass and rms are computed without, of the fit or, where that
   * does not converge, the smallest value; null with another baseline, or where there is nothing to fit
   */
  offset: { value: number; fitted: boolean } | null;
  moments: Moments;
  fit: GaussFit | null;
}

export interface RoiStatistics {
  id: number;
  /** pixels that count, and how many of them are not finite */
  pixels: number;
  notFinite: number;
  sum: number | null;
  mean: number | null;
  /** standard deviation of the pixels (of the whole population) */
  sigma: number | null;
  min: number | null;
  max: number | null;
  /** weighted with the values, on the axes; null where the sum is not positive */
  centroid: [x: number, y: number] | null;
  /** the part of the region that was not sent, 0 ... 1 */
  missing: number;
  /** without loss, where 64-bit integers exceed what doubles hold */
  exact?: { sum: bigint; min: bigint; max: bigint; pixels: number };
}

export interface Analysis {
  pulse: Pulse;
  channel: string;
  /** `pixels`: of exact pixels; `server`: of exact sums that the server made; `processed`: of exact pixels that were processed here */
  source: "pixels" | "server" | "processed";
  /** analyses a second, and what one takes */
  rate: number;
  tookMs: number;
  /** counts of the finite values, of the image or, where only a part was sent, of that; bin i begins at low + i * width */
  histogram: { counts: Float64Array; low: number; width: number } | null;
  projections: { region: Region; x: Projection; y: Projection } | null;
  rois: RoiStatistics[];
  /** positions along the line in pixels from its start, and the values there (NaN where nothing was sent) */
  line: {
    distance: Float64Array;
    values: Float64Array;
    /** 64-bit integers without loss, where `values` are rounded; null where nothing was sent */
    exact?: (bigint | null)[];
    /** means of 64-bit integers that doubles do not hold */
    rounded?: boolean;
  } | null;
  /** why something that was wanted is missing, in words for the user */
  missing: string | null;
}

/** Saturation of the camera: values at or above `level` are saturated. */
export interface Saturation {
  /** null: not known */
  level: number | null;
  guessed: boolean;
  /** null: not counted, because only a part of the image was sent or the level is not known */
  count: number | null;
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
  /** the source sent float16, which travels as float32: it holds each of its numbers */
  widened: boolean;
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
  saturation: Saturation;
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
  | {
      type: "start";
      canvas: OffscreenCanvas;
      url: string;
      build: string;
      colours: Colours;
      visible: boolean;
      width: number;
      height: number;
      format: ImageFormat;
      saturation: number | null;
      /** absent: the worker takes what is faster here; tests and people with a broken driver may say which */
      renderer?: "webgl2" | "canvas2d";
    }
  | { type: "size"; width: number; height: number }
  | { type: "view"; view: View }
  | { type: "visible"; visible: boolean }
  | { type: "online" }
  | {
      type: "want";
      image?: string | null;
      slice?: number;
      format?: ImageFormat;
      rate?: number;
      saturation?: number | null;
      colour?: ColourChoice;
    }
  /** true: hold the picture, the newest whole exact one if what is on screen is less than that */
  | { type: "pause"; paused: boolean }
  | { type: "colours"; colours: Colours }
  | { type: "analyse"; wish: AnalysisWish }
  | { type: "process"; wish: ProcessingWish }
  /** take the average of the next so many frames as background; 0: forget it */
  | { type: "background"; frames: number }
  /** begin the average or accumulation anew */
  | { type: "restart-average" }
  /** values of these pixels of the source as text, with each picture; null: none */
  | { type: "print"; region: Region | null }
  /** pixel of the source's image under the cursor, or null */
  | { type: "cursor"; pixel: { row: number; column: number } | null }
  /** ask for the decoded pixels of the frame on screen, for `viewer.pixels()` */
  | { type: "pixels"; id: number }
  /** ask for the sums and the histogram that came with the preview on screen, for `viewer.profiles()` */
  | { type: "profiles"; id: number }
  /** ask for the canvas as a PNG file, drawn anew for it */
  | { type: "snapshot"; id: number };

export type FromWorker =
  | { type: "connection"; connection: Connection }
  | { type: "hello"; hello: Hello }
  | { type: "status"; status: Status }
  /** an image that takes long is being received, so many of its bytes until now; null: the rest will not come */
  | { type: "sending"; bytes: number; received: number | null }
  /** scalars of the newest pulse of the scalar lane (at most ten times a second), and how many rows arrived and were lost since the last */
  | {
      type: "scalars";
      values: PulseValues;
      rows: number;
      lost: number;
      /** of the rows that arrived since the last of these messages, for the channels that do not come with each pulse */
      last: Map<string, LastValue>;
    }
  /** after each draw of a new frame; `values` belong to this pulse and are sent with it (some ten times a second, else null) */
  | { type: "shown"; shown: Shown; values: PulseValues | null }
  /** nothing is on screen any more: another channel, a new epoch, back from hidden */
  | { type: "cleared" }
  /**
   * text of the value(s) under the cursor with the pulse that it belongs to. `exact`: as sent by the source; `rounded`: to
   * 32 bits on the way; `waiting`: a preview, the exact value is asked for; `outside`: beside the part that was sent. Without
   * text in the last two cases. `processed`: what processing made of it; null: the picture is not processed.
   */
  | {
      type: "cursor";
      row: number;
      column: number;
      text: string;
      processed: string | null;
      sequence: bigint;
      state: CursorState;
    }
  /** `data` is null when there are no exact pixels on screen; `reason` says why, null: there is no picture */
  | {
      type: "pixels";
      id: number;
      pulse: Pulse | null;
      dtype: DType | null;
      shape: number[];
      crop: Region | null;
      data: ArrayBuffer | null;
      reason: string | null;
    }
  | { type: "profiles"; id: number; pulse: Pulse | null; profiles: Profiles | null }
  /** a PNG file as large as the canvas, transparent beside the picture `shown`; null when there is no picture */
  | { type: "snapshot"; id: number; shown: Shown | null; png: ArrayBuffer | null }
  | { type: "analysis"; analysis: Analysis }
  | { type: "processing"; state: ProcessingState }
  /** row by row, "" where nothing exact was sent */
  | { type: "printed"; region: Region; texts: string[]; sequence: bigint }
  | { type: "error"; text: string };
