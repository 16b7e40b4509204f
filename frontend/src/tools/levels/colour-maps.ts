/** The colour maps as CSS gradients; the worker paints the picture from the same table. */

import type { ColourMapName } from "../../contract";
import { colourTable } from "../../render/colourmaps";

/** By what they are good for, in the order in which they are offered. */
export const COLOUR_MAP_GROUPS: readonly (readonly [title: string, names: readonly ColourMapName[]])[] = [
  ["Uniform", ["viridis", "inferno", "magma", "plasma", "cividis"]],
  ["Gray", ["gray", "gray_r", "bone"]],
  ["Classic", ["turbo", "jet", "rainbow", "hot", "afmhot", "copper"]],
  ["Diverging", ["coolwarm", "RdBu", "seismic"]],
  ["Cyclic", ["twilight"]],
];
export const COLOUR_MAPS: readonly ColourMapName[] = COLOUR_MAP_GROUPS.flatMap(([, names]) => names);

export function isColourMap(name: string): name is ColourMapName {
  return COLOUR_MAPS.some((known) => known === name);
}

/** Colour stops of a CSS gradient from the lowest to the highest colour. */
export function gradientStops(name: ColourMapName, stops = 33): string {
  const rgba = colourTable(name);
  return Array.from({ length: stops }, (_, stop) => {
    const at = 4 * Math.round((stop / (stops - 1)) * (rgba.length / 4 - 1));
    return `#${[...rgba.subarray(at, at + 3)].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  }).join(", ");
}
