/** Curves are drawn by a library that is loaded with the first of them. */

import { later } from "../later";
import type { CurvePlot } from "./curve-plot";

let loaded: typeof CurvePlot | null = null;
const waiting = new Set<() => void>();
/** how it was asked for; a failed load is asked for once more */
let asked: "no" | "later" | "now" = "no";

/**
 * The class of curves; null while it is being loaded: `again`, the same one each time, is called once it is there.
 *
 * @param now somebody wants to see this curve; else it waits until the first pictures are there
 */
export function curvePlot(again: () => void, now: boolean): typeof CurvePlot | null {
  if (loaded !== null) return loaded;
  waiting.add(again);
  if (asked === "now" || (asked === "later" && !now)) return null;
  asked = now ? "now" : "later";
  const load = (): Promise<typeof import("./curve-plot")> => import("./curve-plot");
  (now ? load() : later(load)).then(
    (module) => {
      loaded = module.CurvePlot;
      for (const call of waiting) call();
      waiting.clear();
    },
    // Without a network the picture goes on; the next curve asks for it once more.
    () => {
      asked = "no";
    },
  );
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
