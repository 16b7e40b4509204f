/** Statistics of a region as text. Pure. */

import type { RoiStatistics } from "../../contract";
import { compactNumber } from "../format";

const NONE = "–";
/** Significant figures of what is computed; sums and extremes of whole numbers have all of theirs. */
const FIGURES = 7;

/** Name and value of each number; "–" where there is none. */
export function statisticsText(statistics: RoiStatistics | undefined): [name: string, value: string][] {
  const of = (value: number | null | undefined): string => {
    if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
    return compactNumber(Number.isInteger(value) ? value : Number(value.toPrecision(FIGURES)));
  };
  const whole = (name: "sum" | "min" | "max"): string => {
    const exact = statistics?.exact?.[name];
    return exact === undefined ? of(statistics?.[name]) : String(exact);
  };
  const centroid = statistics?.centroid ?? null;
  return [
    ["sum", whole("sum")],
    ["mean", of(statistics?.mean)],
    ["sigma", of(statistics?.sigma)],
    ["min", whole("min")],
    ["max", whole("max")],
    ["pixels", of(statistics?.pixels)],
    ["centroid x", of(centroid?.[0])],
    ["centroid y", of(centroid?.[1])],
  ];
}

/** What is to be known of the numbers; "": nothing. */
export function statisticsHint(statistics: RoiStatistics | undefined): string {
  if (statistics === undefined) return "Nothing was computed yet.";
  const { missing, notFinite, pixels } = statistics;
  if (missing > 0)
    return missing >= 1
      ? "Its pixels were not sent: no exact numbers yet."
      : `${Math.max(1, Math.round(missing * 100))} % of its pixels were not sent.`;
  if (pixels === 0) return "It holds no pixel of this image.";
  return notFinite > 0 ? `${notFinite} of its pixels are not finite and do not count.` : "";
}
