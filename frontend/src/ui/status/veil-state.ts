/**
 * What lies over the picture when it is not live, in words. A pure function of what the page knows: every fault has its
 * own kind, because "silent", "server gone" and "proxy" send a person to three different rooms.
 */

import { ofConnection } from "./veil-connection";
import { type Veil, type VeilInputs, veil } from "./veil-inputs";
import { ofPicture } from "./veil-picture";
import { ofSource } from "./veil-source";

export function veilState(inputs: VeilInputs): Veil | null {
  if (inputs.broken !== null) {
    return veil("page-broken", "This page cannot go on", {
      lines: [inputs.broken],
      hints: ["Reload the page."],
      alarm: true,
    });
  }
  const connection = ofConnection(inputs);
  if (connection !== null || (inputs.paused && inputs.pictureAt !== null)) return connection;
  return ofSource(inputs) ?? ofPicture(inputs);
}
