import table from "../../../stream_online_viewer/colormaps.json";
import type { ColourMapName, Colours } from "../contract";

export type Rgb = readonly [red: number, green: number, blue: number];

/** Colours of what is no number. */
export const POSITIVE_INFINITY_COLOUR: Rgb = [255, 0, 0];
export const NEGATIVE_INFINITY_COLOUR: Rgb = [0, 0, 255];

const COLOURS = 256;

/** Places in a palette behind the 256 colours of the map. */
export const UNDER = COLOURS;
export const OVER = COLOURS + 1;
export const BAD = COLOURS + 2;
export const POSITIVE_INFINITY = COLOURS + 3;
export const NEGATIVE_INFINITY = COLOURS + 4;
export const PALETTE_LENGTH = COLOURS + 5;

/** What a palette is made of. */
export type PaletteColours = Pick<Colours, "colourMap" | "inverted" | "under" | "over" | "bad">;

/** The 256 colours of a map as RGBA bytes, opaque. */
export function colourTable(name: ColourMapName): Uint8Array {
  const digits = table[name];
  const rgba = new Uint8Array(COLOURS * 4).fill(255);
  // The file holds the differences along each of the three parts.
  for (let part = 0; part < 3; part++) {
    let value = 0;
    for (let index = 0; index < COLOURS; index++) {
      const at = (part * COLOURS + index) * 2;
      value += Number.parseInt(digits.slice(at, at + 2), 16);
      rgba[index * 4 + part] = value;
    }
  }
  return rgba;
}

/** All colours of a picture as RGBA bytes, opaque: the map, then what lies beyond the levels and what is no number. */
export function paletteOf({ colourMap, inverted, under, over, bad }: PaletteColours): Uint8Array {
  const map = colourTable(colourMap);
  const palette = new Uint8Array(PALETTE_LENGTH * 4);
  for (let index = 0; index < COLOURS; index++) {
    const from = 4 * (inverted ? COLOURS - 1 - index : index);
    palette.set(map.subarray(from, from + 4), 4 * index);
  }
  const set = (place: number, [red, green, blue]: Rgb) => palette.set([red, green, blue, 255], 4 * place);
  const end = (index: number): Rgb => [palette[4 * index]!, palette[4 * index + 1]!, palette[4 * index + 2]!];
  set(UNDER, rgbOf(under) ?? end(0));
  set(OVER, rgbOf(over) ?? end(COLOURS - 1));
  set(BAD, rgbOf(bad) ?? end(0));
  set(POSITIVE_INFINITY, POSITIVE_INFINITY_COLOUR);
  set(NEGATIVE_INFINITY, NEGATIVE_INFINITY_COLOUR);
  return palette;
}

/** Two colour choices that make the same palette. */
export function samePalette(a: PaletteColours, b: PaletteColours): boolean {
  return (
    a.colourMap === b.colourMap &&
    a.inverted === b.inverted &&
    a.under === b.under &&
    a.over === b.over &&
    a.bad === b.bad
  );
}

/** Red, green and blue of #rrggbb; null if it is none. */
function rgbOf(text: string | null): Rgb | null {
  if (text === null || !/^#[0-9a-f]{6}$/i.test(text)) return null;
  const part = (at: number) => Number.parseInt(text.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
}
