/** Statistics of a region as text. Pure. */

import { axisIndex } from "../../analysis/axis";
import type { RoiStatistics } from "../../contract";
import { compactNumber } from "../../ui/format";
import { type Axes, PIXEL_AXES } from "../../ui/stage/measure";
import { COUNTS } from "../projections/projection-results";

const NONE = "–";
/** Significant figures of what is computed; sums and extremes of whole numbers have all of theirs. */
const FIGURES = 7;

/** The units of the numbers; none of a number of pixels, whose name tells it. */
export const STATISTICS_UNITS: Readonly<Record<string, string>> = {
  sum: COUNTS,
  mean: COUNTS,
  "standard deviation": COUNTS,
  min: COUNTS,
  max: COUNTS,
  "centroid x": "px",
  "centroid y": "px",
};

/**
 * Name and value of each number; "–" where there is none. A region is set in pixels, so all of its places are told in
 * pixels: the centroid is the place in the image of the one on the axes.
 */
export function statisticsText(
  statistics: RoiStatistics | undefined,
  axes: Axes = PIXEL_AXES,
): [name: string, value: string][] {
  const of = (value: number | null | undefined): string => {
    if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
    return compactNumber(Number.isInteger(value) ? value : Number(value.toPrecision(FIGURES)));
  };
  const whole = (name: "sum" | "min" | "max"): string => {
    const exact = statistics?.exact?.[name];
    return exact === undefined ? of(statistics?.[name]) : String(exact);
  };
  const [x, y] = statistics?.centroid ?? [null, null];
  return [
    ["sum", whole("sum")],
    ["mean", statistics?.exact === undefined ? of(statistics?.mean) : wideMean(statistics.exact)],
    ["standard deviation", of(statistics?.sigma)],
    ["min", whole("min")],
    ["max", whole("max")],
    ["pixels", of(statistics?.pixels)],
    ["centroid x", of(x === null ? null : axisIndex(axes.x, x))],
    ["centroid y", of(y === null ? null : axisIndex(axes.y, y))],
  ];
}

/** The mean of 64-bit integers, whose digits a double does not hold: three decimals, and said where there are more. */
function wideMean({ sum, pixels }: { sum: bigint; pixels: number }): string {
  const count = BigInt(pixels);
  if (sum % count === 0n) return String(sum / count);
  const size = sum < 0n ? -sum : sum;
  const thousandths = (size * 2000n + count) / (2n * count);
  return `≈ ${sum < 0n ? "-" : ""}${thousandths / 1000n}.${String(thousandths % 1000n).padStart(3, "0")}`;
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
