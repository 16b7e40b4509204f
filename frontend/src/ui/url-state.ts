/** What the page remembers in the URL behind "#": enough to send somebody the same view. Broken parts are ignored. */

import type { ColourMapName, ImageFormat, Levels } from "../contract";
import { isImageFormat } from "./choice-text";
import { DEFAULT_COLOUR_MAP, isColourMap } from "./colour-maps";
import type { Focus } from "./view";

export interface UrlState {
  colourMap: ColourMapName;
  levels: Levels;
  /** null: the server's default */
  image: string | null;
  format: ImageFormat;
  /** null: fit */
  view: Focus | null;
}

export function parseHash(hash: string): UrlState {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const map = parameters.get("map") ?? "";
  const levels = numbers(parameters.get("levels"), 2);
  const view = numbers(parameters.get("view"), 3);
  const image = parameters.get("image");
  const format = parameters.get("format") ?? "";
  const [low, high] = levels ?? [];
  const [x, y, zoom] = view ?? [];
  return {
    colourMap: isColourMap(map) ? map : DEFAULT_COLOUR_MAP,
    levels: low !== undefined && high !== undefined && low < high ? { mode: "manual", low, high } : { mode: "auto" },
    image: image === null || image === "" ? null : image,
    format: isImageFormat(format) ? format : "auto",
    view: x !== undefined && y !== undefined && zoom !== undefined && zoom > 0 ? { x, y, zoom } : null,
  };
}

/** Only what differs from the defaults; "" when nothing does. */
export function formatHash(state: UrlState): string {
  const parameters = new URLSearchParams();
  if (state.colourMap !== DEFAULT_COLOUR_MAP) parameters.set("map", state.colourMap);
  if (state.levels.mode === "manual") parameters.set("levels", `${state.levels.low},${state.levels.high}`);
  if (state.image !== null) parameters.set("image", state.image);
  if (state.format !== "auto") parameters.set("format", state.format);
  if (state.view !== null) {
    parameters.set(
      "view",
      [state.view.x, state.view.y, state.view.zoom].map((value) => String(Number(value.toPrecision(7)))).join(","),
    );
  }
  // Commas and colons are legal in a fragment and common in channel names; encoded they only make the URL hard to read.
  const text = parameters.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
  return text === "" ? "" : `#${text}`;
}

function numbers(text: string | null, count: number): number[] | null {
  if (text === null) return null;
  const parts = text.split(",");
  if (parts.length !== count || parts.some((part) => part.trim() === "")) return null;
  const values = parts.map(Number);
  return values.every(Number.isFinite) ? values : null;
}
