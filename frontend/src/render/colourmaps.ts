import table from "../../../stream_online_viewer/colormaps.json";
import type { ColourMapName } from "../contract";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Colours that are in none of the maps. */
export const NAN_COLOUR: Rgb = [255, 0, 255];
export const POSITIVE_INFINITY_COLOUR: Rgb = [255, 0, 0];
export const NEGATIVE_INFINITY_COLOUR: Rgb = [0, 0, 255];

const COLOURS = 256;

/** The 256 colours of a map as RGBA bytes, opaque. */
export function colourTable(name: ColourMapName): Uint8Array {
  const digits = table[name];
  const rgba = new Uint8Array(COLOURS * 4);
  for (let index = 0; index < COLOURS; index++) {
    for (let part = 0; part < 3; part++) {
      const at = index * 6 + part * 2;
      rgba[index * 4 + part] = Number.parseInt(digits.slice(at, at + 2), 16);
    }
    rgba[index * 4 + 3] = 255;
  }
  return rgba;
}
