/** Which picture is shown, how it is asked for, and which part of it is looked at. */

import type { ColourChoice, ImageFormat } from "../../contract";
import { COLOUR_CHOICES } from "../colour-choice";
import type { Focus } from "../stage/view";
import { isImageFormat } from "../status/choice-text";
import { finiteNumbers, type Setting, simple } from "./setting";

/** Larger ones are no index of an image. */
const LAST_SLICE = 1e6;

/** null: the server's default */
export const image: Setting<string | null> = simple<string | null>(
  "image",
  null,
  (text) => (text === "" ? null : text),
  (value) => value ?? "",
  { tell: (worker, value) => worker.want({ image: value }), endsPause: true },
);

/** which slice of an image of three dimensions, from 0 */
export const slice: Setting<number> = simple(
  "slice",
  0,
  (text) => {
    const index = Number(text);
    return Number.isInteger(index) && index > 0 && index <= LAST_SLICE ? index : undefined;
  },
  String,
  { tell: (worker, value) => worker.want({ slice: value }), endsPause: true },
);

export const format: Setting<ImageFormat> = simple<ImageFormat>(
  "format",
  "auto",
  (text) => (isImageFormat(text) ? text : undefined),
  String,
  { tell: (worker, value) => worker.want({ format: value }) },
);

/** how arrays that may be colour images are shown */
export const colour: Setting<ColourChoice> = simple<ColourChoice>(
  "colour",
  "auto",
  (text) => COLOUR_CHOICES.find(([value]) => value === text)?.[0],
  String,
  { tell: (worker, value) => worker.want({ colour: value }), endsPause: true },
);

/** part of the picture that is looked at; null: fit */
export const focus: Setting<Focus | null> = simple<Focus | null>(
  "view",
  null,
  (text) => {
    const [x, y, zoom] = finiteNumbers(text, 3) ?? [];
    return x !== undefined && y !== undefined && zoom !== undefined && zoom > 0 ? { x, y, zoom } : undefined;
  },
  (value) =>
    value === null ? "" : [value.x, value.y, value.zoom].map((one) => String(Number(one.toPrecision(7)))).join(","),
);
