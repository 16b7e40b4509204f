/** What the processing server says that it did with the image: the JSON text `processing_parameters`. Pure. */

import type { Region } from "../../contract";

export type BackgroundState = "off" | "on" | "passive" | "signed";

/** Null, or false: the text does not say so, or says nothing that can be understood. */
export interface Parameters {
  camera: string | null;
  background: { state: BackgroundState; name: string | null; ok: boolean | null } | null;
  threshold: number | null;
  region: Region | null;
  goodRegion: { threshold: number; scale: number | null } | null;
  slices: { number: number; scale: number | null; orientation: string | null } | null;
  averaging: number | null;
  /** degrees as the server turns the image before it sends it */
  rotation: number | null;
  mirrorX: boolean;
  mirrorY: boolean;
  binning: [x: number, y: number];
  error: string | null;
}

/** Longer texts are no parameters. */
const LONGEST = 200_000;

let last: { text: string; parameters: Parameters | null } | null = null;

/** The parameters; null for a text that is no JSON object. A text that is the same as before is not parsed again. */
export function parametersOf(text: string): Parameters | null {
  if (last === null || last.text !== text) last = { text, parameters: parsed(text) };
  return last.parameters;
}

function parsed(text: string): Parameters | null {
  const all = text.length > LONGEST ? null : objectOf(parseJson(text));
  if (all === null) return null;
  const rotation = objectOf(all("rotation"));
  const good = objectOf(all("image_good_region"));
  const threshold = numberOf(good?.("threshold"));
  const slices = objectOf(all("image_slices"));
  const count = numberOf(slices?.("number_of_slices"));
  return {
    camera: textOf(all("camera_name")),
    background: backgroundOf(all),
    threshold: numberOf(all("image_threshold")),
    region: regionOf(all("image_region_of_interest")),
    goodRegion: good === null || threshold === null ? null : { threshold, scale: numberOf(good("gfscale")) },
    slices:
      slices === null || count === null
        ? null
        : { number: count, scale: numberOf(slices("scale")), orientation: textOf(slices("orientation")) },
    averaging: numberOf(all("averaging")),
    rotation: numberOf(rotation === null ? all("rotation") : rotation("angle")),
    mirrorX: all("mirror_x") === true,
    mirrorY: all("mirror_y") === true,
    binning: [binningOf(all("binning_x")), binningOf(all("binning_y"))],
    error: textOf(all("processing_error")),
  };
}

type Get = (key: string) => unknown;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Reads keys of an object, its own only; null for anything else. */
function objectOf(value: unknown): Get | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return (key) => (Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined);
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function binningOf(value: unknown): number {
  const binning = numberOf(value);
  return binning !== null && Number.isInteger(binning) && binning > 0 ? binning : 1;
}

function regionOf(value: unknown): Region | null {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((part) => numberOf(part) !== null)) return null;
  const [x, y, width, height] = value as Region;
  return width > 0 && height > 0 ? [x, y, width, height] : null;
}

function backgroundOf(all: Get): Parameters["background"] {
  const enabled = all("image_background_enable");
  const state =
    enabled === true ? "on" : enabled === false ? "off" : enabled === "passive" || enabled === "signed" ? enabled : null;
  if (state === null) return null;
  const ok = all("image_background_ok");
  return { state, name: textOf(all("image_background")), ok: typeof ok === "boolean" ? ok : null };
}
