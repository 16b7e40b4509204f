/** Curves are drawn by a library that is loaded with the first of them. */

import type { CurvePlot } from "./curve-plot";
import { later } from "../later";

let loaded: typeof CurvePlot | null = null;
let waiting: Set<() => void> | null = null;

/** The class of curves; null while it is being loaded: `again`, the same one each time, is called once it is there. */
export function curvePlot(again: () => void): typeof CurvePlot | null {
  if (loaded !== null) return loaded;
  if (waiting === null) {
    waiting = new Set();
    later(() => import("./curve-plot")).then(
      (module) => {
        loaded = module.CurvePlot;
        for (const call of waiting ?? []) call();
        waiting = null;
      },
      // Without a network the picture goes on; the next curve asks for it once more.
      () => {
        waiting = null;
      },
    );
  }
  waiting.add(again);
  return null;
}

/** Does what a key means for a curve that has the focus: the arrows move its cursor, + and - zoom, 0 shows all of x. */
export function plotKey(event: KeyboardEvent, plot: CurvePlot | null): boolean {
  if (plot === null || event.ctrlKey || event.altKey || event.metaKey) return false;
  const action = {
    ArrowLeft: () => plot.moveCursor(event.shiftKey ? -10 : -1),
    ArrowRight: () => plot.moveCursor(event.shiftKey ? 10 : 1),
    "+": () => plot.zoomBy(true),
    "=": () => plot.zoomBy(true),
    "-": () => plot.zoomBy(false),
    "0": () => plot.showAll(),
  }[event.key];
  if (action === undefined) return false;
  event.preventDefault();
  event.stopPropagation();
  action();
  return true;
}
