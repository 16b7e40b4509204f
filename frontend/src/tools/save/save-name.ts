/** Names of files that are saved. Pure. */

import type { Pulse } from "../../contract";
import { wholeMilliseconds } from "../../ui/format";

const LONGEST = 80;

/** channel_pulseid_time.extension, with nothing in it that a file system or a shell could take amiss. */
export function fileName(channel: string, pulse: Pulse, extension: string, more = ""): string {
  const safe = channel
    .replace(/[^A-Za-z0-9._-]+/g, "_")
    .replace(/\.{2,}/g, ".")
    .slice(0, LONGEST)
    .replace(/^[._-]+|[._-]+$/g, "");
  const parts = [safe === "" ? "channel" : safe, String(pulse.pulseId), compactTime(pulse), more];
  return `${parts.filter((part) => part !== "").join("_")}.${extension}`;
}

/** UTC to the millisecond, of the source where it tells; "" if there is no such time. */
function compactTime({ sourceTime, receiptTime }: Pulse): string {
  const time = sourceTime ?? receiptTime;
  const date = time === null ? null : new Date(wholeMilliseconds(time));
  return date === null || Number.isNaN(date.getTime()) ? "" : date.toISOString().replace(/[-:]/g, "");
}
