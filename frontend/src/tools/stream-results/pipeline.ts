/**
 * The channels that the facility's processing server adds to an image, recognised by their names and checked: what does
 * not fit the image or is no number is as if it were not there. Pure.
 */

import type { PulseValues } from "../../contract";
import { parametersOf, type Parameters } from "./pipeline-parameters";

/** offset + amplitude * exp(-(position - mean)^2 / (2 sigma^2)), with the curve that the server made of it. */
export interface StreamFit {
  offset: number | null;
  amplitude: number | null;
  mean: number | null;
  sigma: number | null;
  curve: Float64Array | null;
}

/** Along one axis of the image; positions are in µm, in px where the axis only counts the pixels, and of an unknown unit without one. */
export interface StreamAxis {
  /** positions of the pixels, rising or descending */
  axis: Float64Array | null;
  /** sums over the other axis, one for each pixel */
  profile: Float64Array | null;
  fit: StreamFit | null;
  com: number | null;
  rms: number | null;
  fwhm: number | null;
  /** full width at the server's own threshold */
  fw: number | null;
}

/** The part of the image that the server takes for the beam. */
export interface GoodRegion {
  /** pixels: first column and row, number of columns and rows */
  x: number;
  y: number;
  width: number;
  height: number;
  fitX: StreamFit | null;
  fitY: StreamFit | null;
  intensity: number | null;
}

/** Middle of a strip across the beam and its width, on the axes. */
interface StreamSlice {
  x: number;
  y: number;
  sigma: number | null;
  intensity: number | null;
}

interface Slices {
  /** along which the strips lie: `x` (the server says horizontal), their widths are along the other */
  along: "x" | "y";
  /** width of a strip along the axis */
  length: number | null;
  slices: StreamSlice[];
}

/** y = slope * x + offset through the middles of horizontal slices; value = slope * sigma^2 of the good region in x */
export interface Coupling {
  value: number | null;
  slope: number;
  offset: number;
}

export interface Pipeline {
  /** what the names of its channels begin with */
  prefix: string;
  x: StreamAxis;
  y: StreamAxis;
  goodRegion: GoodRegion | null;
  slices: Slices | null;
  coupling: Coupling | null;
  intensity: number | null;
  min: number | null;
  max: number | null;
  parameters: Parameters | null;
}

/** Columns and rows at the source, and the name of the image's channel. */
export interface StreamImage {
  columns: number;
  rows: number;
  channel?: string;
}

const MOST_SLICES = 256;
/** Channels that only a processing server has; names in a merged stream may have the camera's name before them. */
const ANCHORS = [
  "processing_parameters",
  "x_profile",
  "y_profile",
  "image_profile_x",
  "x_center_of_mass",
  "good_region",
];
const ENDINGS = ANCHORS.flatMap((name) => [`:${name}`, `.${name}`]);

/** The pipeline's data in the values of a pulse; null when there is none. Costs little: nothing is copied. */
export function pipelineOf(values: PulseValues, image: StreamImage): Pipeline | null {
  const prefix = prefixOf(values, image.channel);
  if (prefix === null) return null;
  const reader = new Reader(values, prefix);
  const x = reader.axis("x", image.columns);
  const y = reader.axis("y", image.rows);
  const text = reader.text("processing_parameters");
  const parameters = text === null ? null : parametersOf(text);
  if (parameters === null && !hasNumbers(x) && !hasNumbers(y)) return null;
  return {
    prefix,
    x,
    y,
    goodRegion: goodRegionOf(reader, image),
    slices: slicesOf(reader),
    coupling: couplingOf(reader),
    intensity: reader.number("intensity"),
    min: reader.number("min_value"),
    max: reader.number("max_value"),
    parameters,
  };
}

/** Index of a position on an axis, between the pixels and also beside them; null if the axis gives no such place. */
export function indexOn(axis: Float64Array, position: number): number | null {
  const count = axis.length;
  const first = axis[0];
  const last = axis[count - 1];
  if (first === undefined || last === undefined || first === last) return null;
  if (!Number.isFinite(position + first + last)) return null;
  const sign = last > first ? 1 : -1;
  let low = 0;
  let high = count - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (((axis[middle] ?? 0) - position) * sign <= 0) low = middle;
    else high = middle;
  }
  const from = axis[low] ?? 0;
  const step = (axis[high] ?? 0) - from;
  // An axis that turns back or stands still has no place for it.
  return step * sign > 0 ? low + (position - from) / step : null;
}

/** Reads channels behind a prefix; what is no finite number is null. */
class Reader {
  private readonly values: PulseValues;
  private readonly prefix: string;

  constructor(values: PulseValues, prefix: string) {
    this.values = values;
    this.prefix = prefix;
  }

  number(name: string): number | null {
    const scalar = this.values.scalars.get(this.prefix + name);
    if (scalar?.state !== "value") return null;
    const value = typeof scalar.value === "bigint" ? Number(scalar.value) : scalar.value;
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  }

  text(name: string): string | null {
    const scalar = this.values.scalars.get(this.prefix + name);
    return scalar?.state === "value" && typeof scalar.value === "string" ? scalar.value : null;
  }

  /** An array of this length. */
  array(name: string, length: number): Float64Array | null {
    const array = this.values.arrays.get(this.prefix + name);
    return array?.shape.length === 1 && array.values.length === length && length > 0 ? array.values : null;
  }

  fit(name: string, length: number): StreamFit | null {
    const fit = {
      offset: this.number(`${name}_fit_offset`),
      amplitude: this.number(`${name}_fit_amplitude`),
      mean: this.number(`${name}_fit_mean`),
      sigma: this.number(`${name}_fit_standard_deviation`),
      curve: this.array(`${name}_fit_gauss_function`, length),
    };
    return fit.mean === null && fit.sigma === null && fit.curve === null ? null : fit;
  }

  axis(name: "x" | "y", length: number): StreamAxis {
    return {
      axis: this.array(`${name}_axis`, length),
      profile: this.array(`${name}_profile`, length) ?? this.array(`image_profile_${name}`, length),
      fit: this.fit(name, length),
      com: this.number(`${name}_center_of_mass`),
      rms: this.number(`${name}_rms`),
      fwhm: this.number(`${name}_fwhm`),
      fw: this.number(`${name}_fw`),
    };
  }
}

function hasNumbers({ profile, fit, com, rms, fwhm }: StreamAxis): boolean {
  return profile !== null || fit !== null || com !== null || rms !== null || fwhm !== null;
}

/** The prefix of the picture's own channel, else none, else the only one that there is. */
function prefixOf(values: PulseValues, channel: string | undefined): string | null {
  const own = channel?.endsWith("image") === true ? channel.slice(0, -"image".length) : null;
  if (own !== null && (own === "" || /[:.]$/.test(own))) return own;
  const has = (name: string): boolean => values.scalars.has(name) || values.arrays.has(name);
  if (ANCHORS.some(has)) return "";
  const found = new Set<string>();
  for (const names of [values.scalars.keys(), values.arrays.keys()]) {
    for (const name of names) {
      const ending = ENDINGS.find((one) => name.endsWith(one));
      if (ending !== undefined) found.add(name.slice(0, 1 - ending.length));
    }
  }
  const [only] = found;
  return only !== undefined && found.size === 1 ? only : null;
}

function goodRegionOf(reader: Reader, { columns, rows }: StreamImage): GoodRegion | null {
  const [x0, y0, x1, y1] = reader.array("good_region", 4) ?? [];
  if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) return null;
  if (![x0, y0, x1, y1].every(Number.isInteger)) return null;
  if (x0 < 0 || y0 < 0 || x1 <= x0 || y1 <= y0 || x1 > columns || y1 > rows) return null;
  return {
    x: x0,
    y: y0,
    width: x1 - x0,
    height: y1 - y0,
    fitX: reader.fit("gr_x", x1 - x0),
    fitY: reader.fit("gr_y", y1 - y0),
    intensity: reader.number("gr_intensity"),
  };
}

function slicesOf(reader: Reader): Slices | null {
  const amount = reader.number("slice_amount");
  if (amount === null || amount < 1) return null;
  const slices: StreamSlice[] = [];
  for (let index = 0; index < Math.min(amount, MOST_SLICES); index += 1) {
    const number = (name: string): number | null => reader.number(`slice_${index}_${name}`);
    const x = number("center_x");
    const y = number("center_y");
    if (x === null || y === null) continue;
    const sigma = number("standard_deviation");
    slices.push({ x, y, sigma: sigma !== null && sigma >= 0 ? sigma : null, intensity: number("intensity") });
  }
  if (slices.length === 0) return null;
  const along = reader.text("slice_orientation") === "vertical" ? "y" : "x";
  return { along, length: reader.number("slice_length"), slices };
}

function couplingOf(reader: Reader): Coupling | null {
  const slope = reader.number("coupling_slope");
  const offset = reader.number("coupling_offset");
  return slope === null || offset === null ? null : { value: reader.number("coupling"), slope, offset };
}
