import type { NumberArray } from "../../../analysis/statistics";
import { type AxesBox, boxSpans } from "./box";
import type { Lengths } from "./lengths";
import { isNarrow, type Light } from "./light";

/** Sums across an axis of a box. */
export interface Profile {
  positions: Float64Array;
  values: Float64Array;
}

/** Pixels that are added up before they are put into bins: so many columns, and each `every`-th of so many rows. */
export interface Groups {
  columns: number;
  rows: number;
  every: number;
}

/** More pixels in the box than this are added up in groups. */
const MOST_CELLS = 350_000;
/** A bin with fewer pixels than this part of the most lies half outside of the image. */
const FEWEST = 0.5;

/** The groups for a box of so many pixels. */
export function groupsFor(pixels: number, every: number): Groups {
  const side = Math.max(1, Math.ceil(Math.sqrt(pixels / MOST_CELLS)));
  return { columns: side, rows: every * Math.ceil(side / every), every };
}

/**
 * Profiles of the light in a box along its axes, from the centroid. A group of pixels counts as one, in their middle;
 * each counts where its middle is.
 *
 * The width of a bin is the longer of the two steps along the axis, from column to column or from row to row: then each
 * row (or column) gives each bin one pixel, and no pattern of full and empty bins appears. So the steps of both
 * directions must be regular. A bin's position is the mean of its pixels'. Bins at the ends with less than half as many
 * pixels as others are left out.
 */
export function profilesOf(
  pixels: NumberArray,
  light: Light,
  level: number,
  box: AxesBox,
  x: Lengths,
  y: Lengths,
  groups: Groups,
): { major: Profile; minor: Profile } {
  const { right, down } = box;
  const stepX = x.pitch * groups.columns;
  const stepY = y.pitch * groups.rows;
  const major = new Bins(box.halfMajor, stepX * right, stepY * down);
  const minor = new Bins(box.halfMinor, -stepX * down, stepY * right);
  const xs = middles(x.positions, groups.columns, 1);
  const ys = middles(y.positions, groups.rows, groups.every);
  const sums = new Float64Array(xs.length);
  boxSpans(box, xs, ys, 1, (row, from, to) => {
    addGroups(pixels, light, level, row, from, to, groups, sums);
    const dx = xs[from]! - box.x;
    const dy = ys[row]! - box.y;
    major.add(sums, from, to, dx * right + dy * down);
    minor.add(sums, from, to, dy * right - dx * down);
  });
  return { major: major.profile(), minor: minor.profile() };
}

/** Means of each `every`-th of so many positions, of whole groups only. */
function middles(positions: Float64Array, size: number, every: number): Float64Array {
  if (size === 1) return positions;
  return Float64Array.from({ length: Math.floor(positions.length / size) }, (_, group) => {
    const first = group * size;
    return (positions[first]! + positions[first + size - every]!) / 2;
  });
}

/** The light of the groups `from` to `to` - 1 of a row of groups, into `sums`. */
function addGroups(
  pixels: NumberArray,
  light: Light,
  level: number,
  row: number,
  from: number,
  to: number,
  { columns, rows, every }: Groups,
  sums: Float64Array,
): void {
  sums.fill(0, from, to);
  const add = isNarrow(pixels) ? addIntegers : addFinite;
  for (let line = row * rows; line < (row + 1) * rows; line += every)
    add(pixels, light.startOf(line) + from * columns, columns, level, every, sums.subarray(from, to));
}

function addFinite(
  pixels: NumberArray,
  start: number,
  columns: number,
  level: number,
  every: number,
  sums: Float64Array,
): void {
  for (let group = 0, at = start; group < sums.length; group++) {
    let sum = 0;
    for (const end = at + columns; at < end; at++) {
      const one = pixels[at]! - level;
      if (one - one === 0) sum += one;
    }
    sums[group]! += sum * every;
  }
}

/** The same of integers of at most 16 bit. */
function addIntegers(
  pixels: NumberArray,
  start: number,
  columns: number,
  level: number,
  every: number,
  sums: Float64Array,
): void {
  for (let group = 0, at = start; group < sums.length; group++) {
    let sum = 0;
    for (const end = at + columns; at < end; at++) sum = (sum + pixels[at]!) | 0;
    sums[group]! += (sum - columns * level) * every;
  }
}

/** Bins along an axis, the middle one around the centroid; pixels beyond the last whole one do not count. */
class Bins {
  private readonly step: number;
  private readonly width: number;
  private readonly side: number;
  private readonly light: Float64Array;
  private readonly places: Float64Array;
  private readonly counts: Float64Array;

  /** @param across step along the axis from column to column, @param down from row to row */
  constructor(half: number, across: number, down: number) {
    this.step = across;
    this.width = Math.max(Math.abs(across), Math.abs(down));
    this.side = Math.max(0, Math.floor(half / this.width - 0.5));
    const size = 2 * this.side + 1;
    this.light = new Float64Array(size);
    this.places = new Float64Array(size);
    this.counts = new Float64Array(size);
  }

  /** Adds values `from` to `to` - 1 of a row, of which the first is at `place`. */
  add(values: Float64Array, from: number, to: number, place: number): void {
    const { light, places, counts } = this;
    const start = place / this.width + this.side + 0.5;
    const step = this.step / this.width;
    for (let at = from; at < to; at++) {
      const exact = start + (at - from) * step;
      if (exact < 0) continue;
      const bin = exact | 0;
      if (bin >= light.length) continue;
      light[bin]! += values[at]!;
      places[bin]! += exact;
      counts[bin]!++;
    }
  }

  profile(): Profile {
    const { light, places, counts, side, width } = this;
    let most = 0;
    for (const count of counts) most = Math.max(most, count);
    let [from, to] = [0, most === 0 ? 0 : counts.length];
    while (from < to && counts[from]! < FEWEST * most) from++;
    while (to > from && counts[to - 1]! < FEWEST * most) to--;
    const positions = new Float64Array(to - from);
    for (let at = from; at < to; at++) {
      // A bin without pixels lies between others only where a picture is as small as its bins.
      const place = counts[at]! > 0 ? places[at]! / counts[at]! : at + 0.5;
      positions[at - from] = (place - side - 0.5) * width;
    }
    return { positions, values: light.slice(from, to) };
  }
}
