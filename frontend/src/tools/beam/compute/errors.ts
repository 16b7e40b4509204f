import { type AxesBox, boxSpans } from "./box";
import type { Background } from "./background";
import type { Principal, Spread } from "./ellipse";
import type { Light } from "./light";

/**
 * How a number changes with the light of a pixel at the distance (dx, dy) from the centroid, times the total light:
 * one + x dx + y dy + xx dx^2 + xy dx dy + yy dy^2.
 */
export interface Influence {
  one?: number;
  x?: number;
  y?: number;
  xx?: number;
  xy?: number;
  yy?: number;
}

/** Highest power of a length in the squares of influences. */
const POWERS = 5;

/**
 * What the noise of the background does to numbers that are computed from the light in a box: the deviations of the
 * pixels, independent of each other, and the one of the level that was taken off all of them. What the noise does to
 * the box is left out, and so is the noise of the light itself, which a picture does not tell.
 */
export class BackgroundNoise {
  private readonly total: number;
  private readonly noise: number;
  private readonly levelShare: number;
  /** sums over the pixels of the box of dx^p dy^q, at p * POWERS + q */
  private readonly sums = new Float64Array(POWERS * POWERS);

  constructor(box: AxesBox, light: Light, { total, x, y }: Spread, background: Background) {
    const { xs, ys, every } = light;
    this.total = total;
    // Of n-th rows each stands for n: its deviations count n times, and there are n times fewer.
    this.noise = background.noise * every;
    this.levelShare = background.pixels > 0 ? 1 / background.pixels : 0;
    // Sums of the powers of dx over the columns before each.
    const before = Array.from({ length: POWERS }, () => new Float64Array(xs.length + 1));
    for (let column = 0; column < xs.length; column++) {
      let power = 1;
      for (const sums of before) {
        sums[column + 1] = sums[column]! + power;
        power *= xs[column]! - x;
      }
    }
    boxSpans(box, xs, ys, every, (row, from, to) => {
      const dy = ys[row]! - y;
      for (let p = 0; p < POWERS; p++) {
        let moment = before[p]![to]! - before[p]![from]!;
        for (let q = 0; q < POWERS; q++) {
          this.sums[p * POWERS + q]! += moment;
          moment *= dy;
        }
      }
    });
  }

  /** Standard deviation of a number with this influence; null: nothing is known of the noise. */
  of({ one = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0 }: Influence): number | null {
    if (this.noise === 0) return null;
    const terms: [p: number, q: number, factor: number][] = [
      [0, 0, one],
      [1, 0, x],
      [0, 1, y],
      [2, 0, xx],
      [1, 1, xy],
      [0, 2, yy],
    ];
    let [squares, sum] = [0, 0];
    for (const [p, q, factor] of terms) {
      sum += factor * this.sums[p * POWERS + q]!;
      for (const [r, s, other] of terms) squares += factor * other * this.sums[(p + r) * POWERS + q + s]!;
    }
    const deviation = (this.noise * Math.sqrt(Math.max(squares, 0) + sum * sum * this.levelShare)) / this.total;
    return Number.isFinite(deviation) ? deviation : null;
  }

  /** Standard deviation of the D4-sigma diameter along a direction of length 1 with this variance. */
  ofDiameter(right: number, down: number, variance: number): number | null {
    // d = 4 sqrt(variance)
    return this.of(varianceInfluence(right, down, variance, 2 / Math.sqrt(variance)));
  }
}

/** Influence on the variance along a direction of length 1, times `factor`. */
function varianceInfluence(right: number, down: number, variance: number, factor = 1): Influence {
  return {
    one: -variance * factor,
    xx: right * right * factor,
    xy: 2 * right * down * factor,
    yy: down * down * factor,
  };
}

/** Influence on the angle of the major axis, in radians. */
export function tiltInfluence({ right, down, major, minor }: Principal): Influence {
  // The covariance along the axes, which is 0, over the difference of the variances.
  const factor = 1 / (major - minor);
  return { xx: -right * down * factor, xy: (right * right - down * down) * factor, yy: right * down * factor };
}

/** Influence on the ratio of minor to major diameter. */
export function ellipticityInfluence({ right, down, major, minor }: Principal): Influence {
  const ratio = Math.sqrt(minor / major) / 2;
  const narrow = varianceInfluence(-down, right, minor, ratio / minor);
  const long = varianceInfluence(right, down, major, ratio / major);
  return { xx: narrow.xx! - long.xx!, xy: narrow.xy! - long.xy!, yy: narrow.yy! - long.yy! };
}
