/** Whether an array of three dimensions is a colour image or a stack of slices. No DOM. */

import type { ColourChoice, Shown, Status } from "../contract";

/** In the order in which they are offered. */
export const COLOUR_CHOICES: readonly (readonly [choice: ColourChoice, name: string])[] = [
  ["auto", "colour or slices: as the stream says"],
  ["colour", "as a colour image"],
  ["slices", "as slices"],
];

/** Its first or its last dimension may be red, green and blue, perhaps with opacity. */
export function mayBeColour(shape: readonly number[]): boolean {
  const ends = [shape[0] ?? 0, shape[2] ?? 0];
  return shape.length === 3 && ends.some((length) => length === 3 || length === 4);
}

/** There is something to choose for the image on screen. */
export function offersColour(shown: Shown | null, status: Status | null, wanted: string | null): boolean {
  if (shown?.colour === true) return true;
  const name = shown?.channel ?? wanted ?? status?.defaultImage;
  return status?.images.some((image) => image.name === name && mayBeColour(image.shape)) ?? false;
}
