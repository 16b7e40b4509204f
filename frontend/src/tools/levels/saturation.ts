/** From which value on pixels count as saturated, and how many do, in words. No DOM. */

import type { Saturation } from "../../contract";
import { shortNumber } from "../../ui/format";

/** Levels that cameras have: all ones in so many bits, at the right or at the left of 16. */
export const SATURATION_LEVELS: readonly (readonly [level: number, name: string])[] = [
  ...[8, 10, 12, 14, 16].map((bits) => [2 ** bits - 1, `${bits} bit`] as const),
  ...[10, 12, 14].map((bits) => [(2 ** bits - 1) * 2 ** (16 - bits), `${bits} bit, left-justified in 16`] as const),
];

const NONE_SEEN =
  "No saturation is seen: fewer than three pixels have the highest value of a camera of 8, 10, 12, 14 or 16 bits.";

export interface SaturationText {
  state: "none" | "saturated" | "unknown";
  text: string;
  /** what that means, as a sentence */
  about: string;
}

/**
 * What is told of the picture on screen.
 *
 * @param looked whether a level could have been guessed: all pixels were counted, and they are integers
 */
export function saturationText({ level, guessed, count }: Saturation, looked: boolean): SaturationText {
  if (level === null) {
    if (looked) return { state: "none", text: "saturated 0", about: NONE_SEEN };
    const about = "The value at which this camera saturates is not known: set it.";
    return { state: "unknown", text: "saturated ?", about };
  }
  const from = `≥ ${shortNumber(level)}`;
  const how = guessed ? "guessed from the values" : "set here";
  const about = `Pixels ${from} count as saturated (${how}).`;
  if (count === null) {
    return { state: "unknown", text: "saturated ?", about: `Not counted: the whole image is not here. ${about}` };
  }
  if (count === 0) return { state: "none", text: "saturated 0", about };
  return { state: "saturated", text: `saturated ${grouped(count)} (${from})`, about };
}

/** A whole number with commas between thousands. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
