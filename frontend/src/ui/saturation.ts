/** From which value on pixels count as saturated, and how many do, in words. No DOM. */

import type { Saturation } from "../contract";
import { shortNumber } from "./format";

/** Levels that cameras have: all ones in so many bits, at the right or at the left of 16. */
export const SATURATION_LEVELS: readonly (readonly [level: number, name: string])[] = [
  ...[8, 10, 12, 14, 16].map((bits) => [2 ** bits - 1, `${bits} bit`] as const),
  ...[10, 12, 14].map((bits) => [(2 ** bits - 1) * 2 ** (16 - bits), `${bits} bit, left-justified in 16`] as const),
];

const NONE_SEEN =
  "No saturation is seen: fewer than three pixels have the highest value of a camera of 8, 10, 12, 14 or 16 bits. "
  + "Press to set the level.";

export interface SaturationText {
  state: "none" | "saturated" | "unknown";
  text: string;
  title: string;
}

/**
 * @param set the level that somebody set, null: it is guessed
 * @param looked whether a level could have been guessed: all pixels were counted, and they are integers
 */
export function saturationText(
  { level, guessed, count }: Saturation, set: number | null, looked: boolean,
): SaturationText {
  if (level === null) {
    if (looked) return { state: "none", text: "saturated 0", title: NONE_SEEN };
    const title = "The value at which this camera saturates is not known: press to set it.";
    return { state: "unknown", text: "saturated ?", title };
  }
  const from = `≥ ${shortNumber(level)}`;
  const how = set !== null ? "set here" : guessed ? "guessed from the values" : "from the type of the pixels";
  const title = `Pixels ${from} count as saturated (${how}). Press to change.`;
  if (count === null) {
    return { state: "unknown", text: "saturated ?", title: `Not counted: the whole image is not here. ${title}` };
  }
  if (count === 0) return { state: "none", text: "saturated 0", title };
  return { state: "saturated", text: `saturated ${grouped(count)} (${from})`, title };
}

/** A whole number with commas between thousands. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
