/** Colours, their scale and its levels. */

import type colourMaps from "../../../stream_online_viewer/colormaps.json";

/** Names as matplotlib has them: those of the table that page and server share. */
export type ColourMapName = keyof typeof colourMaps;

export type ScaleName = "linear" | "log" | "symlog" | "sqrt" | "gamma" | "asinh";

/**
 * How automatic levels are found: `steady` from the background to the brightest pixels, without flicker; `minmax`;
 * `percentile` between two percentiles; `sigma` mean +- so many standard deviations.
 */
export type AutoRule = "steady" | "minmax" | "percentile" | "sigma";

/** What automatic levels are found in: all of the image, what is visible of it, or the chosen region of interest. */
export type LevelsOf = "image" | "visible" | "roi";

export type Levels =
  | { mode: "auto"; rule: AutoRule; percentiles: [low: number, high: number]; sigmas: number; of: LevelsOf }
  /** from 0, or the lowest value of the type, to saturation or the highest value of the type */
  | { mode: "full" }
  | { mode: "manual"; low: number; high: number };

/** Which value a pixel of the screen shows where it covers several pixels of the image. */
export type Reduce = "nearest" | "mean" | "max";

export interface Colours {
  colourMap: ColourMapName;
  inverted: boolean;
  scale: ScaleName;
  /** exponent of the scale `gamma` */
  gamma: number;
  /** colours beyond the levels, as #rrggbb; null: the ends of the map */
  under: string | null;
  over: string | null;
  /** colour of not-a-number, as #rrggbb */
  bad: string;
  levels: Levels;
  reduce: Reduce;
}

export interface ColoursOrders {
  colours: { colours: Colours };
}
