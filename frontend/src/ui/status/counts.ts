/** Words for what cannot be used, and how many there are. No DOM. */

import type { UnusableChannel } from "../../contract";

/** How a channel is called that may have no usable name. */
export function channelLabel({ name, position, reason }: UnusableChannel): string {
  if (name === "") return position === null ? "A channel without a usable name" : `Channel number ${position}`;
  return reason === "duplicate name" ? `${name} (listed again)` : name;
}

export function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
