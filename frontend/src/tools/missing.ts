/** Why something cannot be computed, in words for the user. */

import type { ImageFormat } from "../contract";

export const WAITING_FOR_ALL = "Waiting for all of the image.";
export const ROUNDED = "The pixels were rounded to 32-bit floats. Choose automatic or exact for this.";

/** Why there are no exact pixels while a preview is on screen. */
export function whyNoPixels(chosen: ImageFormat): string {
  if (chosen === "preview") return "A preview is chosen. Choose automatic or exact for this.";
  return "Waiting for exact pixels.";
}
