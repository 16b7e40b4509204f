/** How a page looks at a stream before anybody changed anything. Nothing here imports the DOM. */

import type { Colours, Levels, Orientation, Saturation } from "./contract";

/** As the source sends it: pixel (0, 0) at the top left. */
export const UPRIGHT: Orientation = { transpose: false, mirrorX: false, mirrorY: false };

export const AUTO_LEVELS: Levels = { mode: "auto", rule: "steady", percentiles: [1, 99], sigmas: 3, of: "image" };

export const DEFAULT_COLOURS: Colours = {
  colourMap: "viridis",
  inverted: false,
  scale: "linear",
  gamma: 0.5,
  under: null,
  over: null,
  bad: "#ff00ff",
  levels: AUTO_LEVELS,
  reduce: "nearest",
};

export const UNKNOWN_SATURATION: Saturation = { level: null, guessed: false, count: null };
