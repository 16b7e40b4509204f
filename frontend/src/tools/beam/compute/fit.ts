import { axisUnit } from "../../../analysis/axis";
import { fitGauss, gaussMark } from "../../../analysis/gauss";
import type { Box } from "../../../analysis/project";
import type { NumberArray } from "../../../analysis/statistics";
import type { Axis } from "../../../contract";
import { type Background, backgroundOf } from "./background";
import { type AxesBox, boxSpans, pixelsIn } from "./box";
import { reachesEdge } from "./edges";
import { haveOneUnit, type Lengths, lengthsOf } from "./lengths";
import { isNarrow, Light } from "./light";
import { numbersOf } from "./numbers";
import { groupsFor, type Profile, profilesOf } from "./profiles";
import type { AxisProfile, BeamFit, BeamShape } from "./result";
import { type Settled, settle } from "./settle";

/**
 * Of more pixels only each n-th row is used, so that a result takes no longer than of so many: in the box, of integers of
 * at most 16 bit and of all others, and in the region, for the background and the first estimate, the same.
 */
const MOST_NARROW = 2_500_000;
const MOST_OTHERS = 600_000;
const MOST_BACKGROUND = 750_000;
const MOST_BACKGROUND_OTHERS = 600_000;
/** Corners and moments need a few pixels in both directions. */
const FEWEST = 5;
const PIXEL: Axis = { kind: "pixel" };

/** What is to be fitted. */
export interface BeamSample {
  /** as many columns as `columns`, row by row */
  pixels: NumberArray;
  columns: number;
  /** the part that counts, in whole pixels of the array */
  region: Box;
  /** indices in the source's image of the array's first pixel */
  place: { x: number; y: number };
  /** of the source's image */
  axes: { x: Axis; y: Axis };
  /** the pixels as they were sent, as many, and the value from which on they are saturated; null: not known */
  saturation: { pixels: NumberArray; level: number } | null;
}

/**
 * The beam in a region of an image: its second moments by ISO 11146-1 and -3 above the mean of the dark pixels,
 * and Gaussian fits of its profiles along the principal axes. A beam that an edge of the region cuts off, that does not
 * settle or does not stand out of the noise has no numbers, only a reason.
 */
export function fitBeam(sample: BeamSample): BeamFit {
  const { pixels, columns, region, place } = sample;
  if (region.width < FEWEST || region.height < FEWEST)
    return { state: "empty", reason: "There are fewer than five rows or columns." };
  const first = { column: place.x + region.x, row: place.y + region.y };
  const { x, y, unit, unitsDiffer } = lengthsAlong(sample, first);
  const size = region.width * region.height;
  const mostDark = isNarrow(pixels) ? MOST_BACKGROUND : MOST_BACKGROUND_OTHERS;
  const background = backgroundOf(pixels, columns, region, Math.ceil(size / mostDark));
  if (background === null) return { state: "empty", reason: "The corners of the image have no values." };
  const light = new Light(pixels, columns, region, x, y, background.level);
  const settled = settle(light, background, x, y, isNarrow(pixels) ? MOST_NARROW : MOST_OTHERS);
  if (settled.state !== "settled") return settled;
  if (reachesEdge(pixels, light, settled, background, x, y))
    return { state: "clipped", reason: "The beam is cut off by an edge." };
  const everyRow = light.every;
  if (everyRow > 1 && Math.sqrt(settled.spread.yy) < everyRow * y.pitch) {
    const reason = `The beam is so flat that 1 row of ${everyRow}, which is used of so many pixels, does not show it.`;
    return { state: "unsettled", reason };
  }
  const saturated = isSaturated(sample, light, settled.box);
  return {
    state: "converged",
    unit,
    unitsDiffer,
    ...numbersOf(settled, x, y, first),
    background,
    ...profilesAlong(pixels, light, settled, background, x, y, saturated),
    everyRow,
    saturated,
  };
}

/** Along both directions, in the unit of the axes, or in pixels where these have none in common. */
function lengthsAlong(
  { region, axes }: BeamSample,
  { column, row }: { column: number; row: number },
): { x: Lengths; y: Lengths; unit: string; unitsDiffer: boolean } {
  // An angle between micrometres and millimetres, or pixels, would mean nothing.
  const x = haveOneUnit(axes.x, axes.y) ? lengthsOf(axes.x, column, region.width) : null;
  const y = lengthsOf(axes.y, row, region.height);
  if (x !== null && y !== null) return { x, y, unit: axisUnit(axes.x), unitsDiffer: false };
  const pixels = { x: lengthsOf(PIXEL, column, region.width)!, y: lengthsOf(PIXEL, row, region.height)! };
  return { ...pixels, unit: axisUnit(PIXEL), unitsDiffer: true };
}

function profilesAlong(
  pixels: NumberArray,
  light: Light,
  { box }: Settled,
  background: Background,
  x: Lengths,
  y: Lengths,
  saturated: boolean,
): Pick<BeamShape, "profiles" | "grouped"> {
  if (!x.regular || !y.regular) return { profiles: null, grouped: 1 };
  const groups = groupsFor(pixelsIn(box, light), light.every);
  const { major, minor } = profilesOf(pixels, light, background.level, box, x, y, groups);
  const fitted = ({ positions, values }: Profile): AxisProfile => {
    const fit = fitGauss(values, positions);
    return { positions, values, fit: { ...fit, mark: gaussMark(values, fit, positions, saturated) } };
  };
  return { profiles: { major: fitted(major), minor: fitted(minor) }, grouped: groups.columns };
}

/** Whether a pixel within the diameters of the beam is saturated. */
function isSaturated({ saturation }: BeamSample, light: Light, box: AxesBox): boolean {
  if (saturation === null) return false;
  const { pixels, level } = saturation;
  let found = false;
  const inner = { ...box, halfMajor: box.halfMajor / 3, halfMinor: box.halfMinor / 3 };
  boxSpans(inner, light.xs, light.ys, 1, (row, from, to) => {
    const start = light.startOf(row);
    for (let at = start + from; !found && at < start + to; at++) found = pixels[at]! >= level;
  });
  return found;
}
