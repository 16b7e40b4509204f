/** The colour maps as CSS gradients; the worker paints the picture from the same table. */

import table from "../../../stream_online_viewer/colormaps.json";
import type { ColourMapName } from "../contract";

/** By what they are good for, in the order in which they are offered. */
export const COLOUR_MAP_GROUPS: readonly (readonly [title: string, names: readonly ColourMapName[]])[] = [
  ["Uniform", ["viridis", "inferno", "magma", "plasma", "cividis"]],
  ["Gray", ["gray", "gray_r", "bone"]],
  ["Classic", ["turbo", "jet", "rainbow", "hot", "afmhot", "copper"]],
  ["Diverging", ["coolwarm", "RdBu", "seismic"]],
  ["Cyclic", ["twilight"]],
];
export const COLOUR_MAPS: readonly ColourMapName[] = COLOUR_MAP_GROUPS.flatMap(([, names]) => names);
export const DEFAULT_COLOUR_MAP: ColourMapName = "viridis";

const TABLE: Record<string, string> = table;

export function isColourMap(name: string): name is ColourMapName {
  return COLOUR_MAPS.some((known) => known === name);
}

/** Colour stops of a CSS gradient from the lowest to the highest colour. */
export function gradientStops(name: ColourMapName, stops = 33): string {
  const hex = TABLE[name] ?? "";
  const colours = Math.floor(hex.length / 6);
  return Array.from({ length: stops }, (_, stop) => {
    const index = Math.round((stop / (stops - 1)) * (colours - 1));
    return `#${hex.slice(index * 6, index * 6 + 6)}`;
  }).join(", ");
}
