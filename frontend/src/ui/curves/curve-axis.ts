/** Which channel is the axis of a curve, by the names that the facility gives, and what can be drawn over it. Pure. */

import type { ArrayValue } from "../../contract";

/** Names end like this, and those of their axes like that; the first that is there is taken. */
const RULES: readonly [curve: RegExp, axis: string][] = [
  [/_fit_gauss_function$/, "_axis"],
  [/_profile$/, "_axis"],
  [/(^|[_.:-])SPECTRUM_Y$/, "$1SPECTRUM_X"],
  [/(^|[_.:-])spectrum_y$/, "$1spectrum_x"],
  [/_Y$/, "_X"],
  [/_y$/, "_x"],
];
/** Axes of the processing server are in µm. */
const MICROMETRES = /(^|[.:])(gr_)?[xy]_axis$/;

/** 1-D channels of this length, but for the curve itself, in the order of the stream. */
export function axisChoices(arrays: ReadonlyMap<string, ArrayValue>, curve: string, length: number): string[] {
  const names: string[] = [];
  for (const [name, { shape }] of arrays)
    if (name !== curve && shape.length === 1 && shape[0] === length) names.push(name);
  return names;
}

/** The axis by the rules of names, if it is among the choices; null: none. */
export function axisByName(curve: string, choices: readonly string[]): string | null {
  for (const [ending, axis] of RULES) {
    if (!ending.test(curve)) continue;
    const name = curve.replace(ending, axis);
    if (name !== curve && choices.includes(name)) return name;
  }
  return null;
}

/** Unit of a channel that is an axis; "" if its name does not tell. */
export function axisUnit(name: string): string {
  return MICROMETRES.test(name) ? "µm" : "";
}

export type AxisOrder = "rising" | "descending" | { refused: string };

/** Which way an axis goes; curves over one that does not go one way only would be drawn back and forth. */
export function axisOrder(axis: ArrayLike<number>): AxisOrder {
  let rising = false;
  let descending = false;
  for (let index = 0; index < axis.length; index += 1) {
    const value = axis[index] ?? NaN;
    if (!Number.isFinite(value)) return { refused: "has values that are no numbers" };
    if (index === 0) continue;
    const before = axis[index - 1] ?? NaN;
    rising ||= value > before;
    descending ||= value < before;
  }
  if (rising && descending) return { refused: "goes back and forth" };
  if (!rising && !descending) return { refused: "does not change" };
  return rising ? "rising" : "descending";
}
