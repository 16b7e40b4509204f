/** What the page remembers in the URL behind "#": enough to send somebody the same view. Broken parts are ignored. */

import { COLOUR_CHOICES } from "../colour-choice";
import { isImageFormat } from "../status/choice-text";
import { DEFAULT_SETTINGS, type Settings } from "../settings";
import { finiteNumbers, type UrlSection } from "./url-section";
import { analysisInUrl } from "./url-analysis";
import { coloursInUrl } from "./url-colours";
import { streamInUrl } from "./url-stream";
import { viewInUrl } from "./url-view";

/** Larger ones are no index of an image. */
const LAST_SLICE = 1e6;

const imageInUrl: UrlSection = {
  read(parameters) {
    const image = parameters.get("image");
    const slice = Number(parameters.get("slice"));
    const format = parameters.get("format") ?? "";
    return {
      image: image === null || image === "" ? null : image,
      slice: Number.isInteger(slice) && slice > 0 && slice <= LAST_SLICE ? slice : DEFAULT_SETTINGS.slice,
      format: isImageFormat(format) ? format : DEFAULT_SETTINGS.format,
      colour: COLOUR_CHOICES.find(([value]) => value === parameters.get("colour"))?.[0] ?? DEFAULT_SETTINGS.colour,
    };
  },
  write({ image, slice, format, colour }, parameters) {
    if (image !== null) parameters.set("image", image);
    if (slice !== DEFAULT_SETTINGS.slice) parameters.set("slice", String(slice));
    if (format !== DEFAULT_SETTINGS.format) parameters.set("format", format);
    if (colour !== DEFAULT_SETTINGS.colour) parameters.set("colour", colour);
  },
};

const focusInUrl: UrlSection = {
  read(parameters) {
    const [x, y, zoom] = finiteNumbers(parameters.get("view"), 3) ?? [];
    return { focus: x !== undefined && y !== undefined && zoom !== undefined && zoom > 0 ? { x, y, zoom } : null };
  },
  write({ focus }, parameters) {
    if (focus === null) return;
    const numbers = [focus.x, focus.y, focus.zoom].map((value) => String(Number(value.toPrecision(7))));
    parameters.set("view", numbers.join(","));
  },
};

const SECTIONS: readonly UrlSection[] = [coloursInUrl, imageInUrl, focusInUrl, viewInUrl, analysisInUrl, streamInUrl];

export function parseHash(hash: string): Settings {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  return Object.assign({ ...DEFAULT_SETTINGS }, ...SECTIONS.map((section) => section.read(parameters))) as Settings;
}

/** Only what differs from the defaults; "" when nothing does. */
export function formatHash(settings: Settings): string {
  const parameters = new URLSearchParams();
  for (const section of SECTIONS) section.write(settings, parameters);
  // Commas and colons are legal in a fragment and common in channel names; encoded they only make the URL hard to read.
  const text = parameters.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
  return text === "" ? "" : `#${text}`;
}
