/** Colours and levels in the URL. */

import type { Levels } from "../contract";
import { AUTO_LEVELS, DEFAULT_COLOURS } from "../defaults";
import { isColourMap } from "./colour-maps";
import { finiteNumbers, type UrlSection } from "./url-section";

export const coloursInUrl: UrlSection = {
  read(parameters) {
    const map = parameters.get("map") ?? "";
    const colourMap = isColourMap(map) ? map : DEFAULT_COLOURS.colourMap;
    return { colours: { ...DEFAULT_COLOURS, colourMap, levels: levelsOf(parameters.get("levels")) } };
  },
  write({ colours: { colourMap, levels } }, parameters) {
    if (colourMap !== DEFAULT_COLOURS.colourMap) parameters.set("map", colourMap);
    if (levels.mode === "manual") parameters.set("levels", `${levels.low},${levels.high}`);
  },
};

function levelsOf(text: string | null): Levels {
  const [low, high] = finiteNumbers(text, 2) ?? [];
  return low !== undefined && high !== undefined && low < high ? { mode: "manual", low, high } : AUTO_LEVELS;
}
