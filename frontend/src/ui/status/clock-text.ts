/** What is said when the time of the source and the clock of the server lie apart. No DOM. */

import { formatDuration } from "../format";

/** Less is the way from the camera through its servers. */
const APART_S = 2;
const DAY_S = 86_400;
const YEAR_S = 365.25 * DAY_S;

/**
 * Beside the age, which counts from the receipt: how far the source's time is away from the server's clock at that
 * moment; null when they agree or when one of them is not known. Times in ns since 1970.
 */
export function clockText(source: bigint | null, receipt: bigint | null): { note: string; sentence: string } | null {
  if (source === null || receipt === null) return null;
  const seconds = Number(receipt - source) / 1e9;
  if (Math.abs(seconds) < APART_S) return null;
  const size = roughDuration(Math.abs(seconds));
  const late = seconds > 0;
  const why = late
    ? "A clock is wrong, or the picture was so long on its way to the server."
    : "A clock is wrong: nothing is received before it is sent.";
  return {
    note: `source’s time ${size} ${late ? "behind" : "ahead"}`,
    sentence:
      `The source’s time is ${size} ${late ? "behind" : "ahead of"} the server’s clock. ${why} ` +
      "The age counts from the receipt.",
  };
}

function roughDuration(seconds: number): string {
  if (seconds >= YEAR_S) {
    const years = seconds / YEAR_S;
    return years < 9.95 ? `${years.toFixed(1)} years` : `${years.toFixed(0)} years`;
  }
  if (seconds >= 2 * DAY_S) return `${Math.floor(seconds / DAY_S)} days`;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}
