/** The image that is wished for, and the picture that is on screen. */

import type { Colours } from "./colours";
import type { NoContent } from "./kinds";
import type { Region } from "./regions";
import type { ArrayValue, DType, Pulse, PulseValues } from "./values";

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
  /** how many pictures were drawn until this one, with it: a larger number is a later picture */
  picture: number;
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

export interface PictureOrders {
  /** the first one, once */
  start: {
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
  };
  want: {
    image?: string | null;
    slice?: number;
    format?: ImageFormat;
    rate?: number;
    saturation?: number | null;
    colour?: ColourChoice;
  };
  /** true: hold the picture, the newest whole exact one if what is on screen is less than that */
  pause: { paused: boolean };
}

export interface PictureNews {
  /** after each draw of a new frame; `values` belong to this pulse and are sent with it (some ten times a second, else null) */
  shown: { shown: Shown; values: PulseValues | null };
  /** nothing is on screen any more: another channel, a new epoch, back from hidden */
  cleared: NoContent;
}
