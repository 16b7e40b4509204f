import type { NumberArray } from "../../../analysis/statistics";
import { boxSpans } from "./box";
import type { Background } from "./background";
import type { Lengths } from "./lengths";
import type { Light } from "./light";
import type { Settled } from "./settle";

/**
 * Light at the edge in parts of the highest sum of a row or column. A Gaussian has this 3 sigma from its middle; cut off
 * there, its variance is 1.3 % too small.
 */
const MOST_AT_EDGE = 0.01;
/** Standard deviations that are more than noise. */
const CLEAR = 4;
/** Depth of the strip that is looked at, in rms widths. */
const DEPTH = 0.25;

/**
 * Whether the beam reaches an edge of the region: in a strip along it, inside of the box, the light of a row or column
 * is more than a hundredth of what the middle of a Gaussian of this width has, and more than noise.
 */
export function reachesEdge(
  pixels: NumberArray,
  light: Light,
  { box, spread }: Pick<Settled, "box" | "spread">,
  background: Background,
  x: Lengths,
  y: Lengths,
): boolean {
  const { xs, ys, every } = light;
  // In pixels, not lengths: it is rows and columns that are summed up.
  const wide = Math.sqrt(spread.xx) / x.pitch;
  const high = Math.sqrt(spread.yy) / y.pitch;
  const across = Math.max(1, Math.min(Math.floor(wide * DEPTH), xs.length));
  const down = Math.max(every, Math.min(Math.floor(high * DEPTH), ys.length));
  const [left, right, top, bottom] = [new Strip(), new Strip(), new Strip(), new Strip()];
  const collect = (into: Strip, row: number, from: number, to: number): void => {
    const start = light.startOf(row);
    for (let column = from; column < to; column++) {
      const one = pixels[start + column]! - background.level;
      if (one - one !== 0) continue;
      into.light += one;
      into.pixels++;
    }
  };
  boxSpans(box, xs, ys, every, (row, from, to) => {
    collect(left, row, from, Math.min(to, across));
    collect(right, row, Math.max(from, xs.length - across), to);
    if (row < down) collect(top, row, from, to);
    if (row >= ys.length - down) collect(bottom, row, from, to);
  });
  const reaches = (strip: Strip, lines: number, rms: number): boolean => {
    const { pixels: count } = strip;
    if (count === 0) return false;
    const noise = background.noise * Math.sqrt(count + (count * count) / background.pixels);
    const part = (strip.light * every * Math.sqrt(2 * Math.PI) * rms) / (lines * spread.total);
    return part > MOST_AT_EDGE && strip.light > CLEAR * noise;
  };
  return (
    reaches(left, across, wide) ||
    reaches(right, across, wide) ||
    reaches(top, down, high) ||
    reaches(bottom, down, high)
  );
}

class Strip {
  light = 0;
  pixels = 0;
}
