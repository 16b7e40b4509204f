/** What the processing server says that it did with the image: the JSON text `processing_parameters`. Pure. */

type BackgroundState = "off" | "on" | "passive" | "signed";

/** What is cut out of the image; whatever lies beyond it, the server moves and cuts this until it fits. */
export interface RegionOfInterest {
  offsetX: number;
  sizeX: number;
  offsetY: number;
  sizeY: number;
}

/**
 * What the server does with an image, with its own defaults where the text does not name a key; in the order of its
 * steps: average of frames, binning, background, mirror, rotation, region of interest, threshold, average of images,
 * scale, offset. Null: this step is not done.
 */
export interface Parameters {
  camera: string | null;
  /** a script that computes the results instead of the server's own function */
  script: string | null;
  background: { state: BackgroundState; name: string | null; ok: boolean | null };
  threshold: number | null;
  region: RegionOfInterest | null;
  /** a region is named that cannot be understood */
  regionUnknown: boolean;
  goodRegion: { threshold: number; scale: number } | null;
  slices: { number: number; scale: number; orientation: string } | null;
  /** of frames: `each`: an image for n of them; `last`: one for each, the mean of the last n */
  averaging: { frames: number; mode: "each" | "last" } | null;
  /** mean of the last n images after the threshold */
  imageAveraging: number | null;
  imageScale: number | null;
  imageOffset: number | null;
  /** part of the height at which the full width is taken */
  fullWidth: number | null;
  /** degrees counter-clockwise; `ortho`: in whole quarter turns, rows and columns change places */
  rotation: { angle: number; ortho: boolean } | null;
  mirrorX: boolean;
  mirrorY: boolean;
  binning: [x: number, y: number];
  /** a binned pixel is the mean of its pixels; false: their sum */
  binningMean: boolean;
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
  const good = objectOf(all("image_good_region"));
  const slices = objectOf(all("image_slices"));
  const threshold = numberOf(all("image_threshold"));
  const region = regionOf(all("image_region_of_interest"));
  const imageAveraging = numberOf(all("image_averaging"));
  return {
    camera: textOf(all("camera_name")),
    script: textOf(all("function")),
    background: backgroundOf(all),
    threshold: threshold !== null && threshold > 0 ? threshold : null,
    region,
    regionUnknown: region === null && isGiven(all("image_region_of_interest")),
    goodRegion: good && { threshold: numberOf(good("threshold")) ?? 0.3, scale: numberOf(good("gfscale")) ?? 1.8 },
    slices: slices && {
      number: numberOf(slices("number_of_slices")) ?? 1,
      scale: numberOf(slices("scale")) ?? 2,
      orientation: textOf(slices("orientation")) ?? "vertical",
    },
    averaging: averagingOf(all("averaging")),
    imageAveraging: imageAveraging !== null && imageAveraging > 1 ? imageAveraging : null,
    imageScale: numberOf(all("image_scale")),
    imageOffset: numberOf(all("image_offset")),
    fullWidth: numberOf(all("fw_threshold")),
    rotation: rotationOf(all("rotation")),
    mirrorX: all("mirror_x") === true,
    mirrorY: all("mirror_y") === true,
    binning: [binningOf(all("binning_x")), binningOf(all("binning_y"))],
    binningMean: all("binning_mean") === true,
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

/** Whether something is there that the server would take for one: not null, false, zero or empty. */
function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** [offset x, size x, offset y, size y] */
function regionOf(value: unknown): RegionOfInterest | null {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((part) => numberOf(part) !== null)) return null;
  const [offsetX, sizeX, offsetY, sizeY] = value as [number, number, number, number];
  return sizeX > 0 && sizeY > 0 ? { offsetX, sizeX, offsetY, sizeY } : null;
}

/** A whole number, as the server makes it; 0 is none. */
function averagingOf(value: unknown): Parameters["averaging"] {
  const frames = Math.trunc(numberOf(typeof value === "string" ? Number(value) : value) ?? 0);
  return frames === 0 ? null : { frames: Math.abs(frames), mode: frames < 0 ? "last" : "each" };
}

/** An angle alone, or one with its mode. */
function rotationOf(value: unknown): Parameters["rotation"] {
  const rotation = objectOf(value);
  const angle = numberOf(rotation === null ? value : rotation("angle"));
  if (angle === null || angle === 0) return null;
  const ortho = rotation?.("mode") === "ortho";
  // Of orthogonal ones only whole quarters count.
  const quarters = (((Math.trunc(angle / 90) % 4) + 4) % 4) * 90;
  if (!ortho) return { angle, ortho };
  return quarters === 0 ? null : { angle: quarters, ortho };
}

function backgroundOf(all: Get): Parameters["background"] {
  const enabled = all("image_background_enable");
  const state = enabled === "passive" || enabled === "signed" ? enabled : isGiven(enabled) ? "on" : "off";
  const ok = all("image_background_ok");
  return { state, name: textOf(all("image_background")), ok: typeof ok === "boolean" ? ok : null };
}
