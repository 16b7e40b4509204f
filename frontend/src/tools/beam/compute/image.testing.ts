/** Images of beams by the recipes of tests/vectors/make_beam_vectors.py; for tests only. */

import { readFileSync } from "node:fs";
import type { NumberArray } from "../../../analysis/statistics";
import type { Axis } from "../../../contract";
import type { BeamSample } from "./fit";

export interface Recipe {
  name: string;
  dtype: keyof typeof ARRAYS;
  columns: number;
  rows: number;
  x: number;
  y: number;
  major: number;
  minor: number;
  tilt: number;
  amplitude: number;
  pedestal: number;
  noise: number;
  shape: "gauss" | "flat";
  seed: number;
  missing: number;
  step_x: number;
  step_y: number;
}

type Errors = [x: number, y: number, major: number, minor: number, tilt: number, ellipticity: number, total: number];

export interface Vector {
  recipe: Recipe;
  oracle: "laserbeamsize" | "numpy";
  /** middle in pixels, diameters in the unit of the steps, degrees */
  beam: [x: number, y: number, major: number, minor: number, tilt: number];
  errors: Errors | null;
  total: number;
  steps: number;
  /** of the library by its own rule to stop */
  library: [x: number, y: number, major: number, minor: number] | null;
  fits?: [amplitude: number, mean: number, sigma: number][];
}

export interface Vectors {
  beams: Vector[];
  states: Record<"clipped" | "empty" | "unsettled", Recipe[]>;
}

const ARRAYS = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
};
const LIMITS: Record<string, [number, number]> = {
  int8: [-(2 ** 7), 2 ** 7 - 1],
  uint8: [0, 2 ** 8 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  uint16: [0, 2 ** 16 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

export function readVectors(): Vectors {
  const file = new URL("../../../../../tests/vectors/beam/beams.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Vectors;
}

/** The pixels of a recipe, row by row. */
export function imageOf(recipe: Recipe): NumberArray {
  const { columns, rows, pedestal, amplitude, noise, missing } = recipe;
  const image = new ARRAYS[recipe.dtype](columns * rows);
  const turn = (recipe.tilt * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  const limits = LIMITS[recipe.dtype];
  const deviation = Math.sqrt((256 ** 2 - 1) / 3);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const [across, down] = [column - recipe.x, row - recipe.y];
      const along = (across * cosine - down * sine) / recipe.major;
      const beside = (across * sine + down * cosine) / recipe.minor;
      const square = along ** 2 + beside ** 2;
      const light = recipe.shape === "gauss" ? Math.exp(-square / 2) : square <= 4 ? 1 : 0;
      let value = pedestal + amplitude * light;
      if (noise !== 0) value += (noise * (bytesOf(at, recipe.seed) - 510)) / deviation;
      if (limits !== undefined) value = Math.min(Math.max(Math.floor(value + 0.5), limits[0]), limits[1]);
      if (missing !== 0 && at % missing === 0) value = Number.NaN;
      if (missing !== 0 && at % (3 * missing) === 1) value = Infinity;
      image[at] = value;
    }
  }
  return image;
}

/** The sum of the four bytes of a hash. */
function bytesOf(index: number, seed: number): number {
  let bits = (Math.imul(index, 2654435761) + seed * 40503) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b) >>> 0;
  bits = (bits ^ (bits >>> 16)) >>> 0;
  return (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
}

/** The image as it is given to the fit: in pixels, or in µm where a step is not 1. */
export function sampleOf(recipe: Recipe): BeamSample {
  const { columns, rows, step_x, step_y } = recipe;
  const axis = (step: number): Axis =>
    step_x === 1 && step_y === 1 ? { kind: "pixel" } : { kind: "linear", origin: 700, step, unit: "um" };
  return {
    pixels: imageOf(recipe),
    columns,
    region: { x: 0, y: 0, width: columns, height: rows },
    place: { x: 0, y: 0 },
    axes: { x: axis(step_x), y: axis(step_y) },
    saturation: null,
  };
}
