import type { DType } from "../../../contract";
import type { Statistics } from "../../../analysis/statistics";
import { besideWhole, differenceFactor, limitsOf, neighbour } from "../../../analysis/type-limits";

/**
 * Room above the brightest pixels, as a part of the span, so that their noise from frame to frame does not move the
 * levels.
 */
const HEADROOM = 0.08;
/**
 * Part of the span by which the peak may pass the high level, or the background the low one, before the levels
 * follow.
 */
const ABOVE = 0.06;
const BELOW = 0.1;
/** The same where low is the darkest pixel, which jitters as the peak does but has no room beyond it. */
const BELOW_DARK = 0.18;
/** The levels follow a picture that uses so much less of them, when it does so for this many frames in a row. */
const UNUSED_HIGH = 0.3;
const UNUSED_LOW = 0.1;
/** The same for levels that somebody else found and rounded to wider ones. */
const ABOVE_OTHERS = 0.15;
const BELOW_OTHERS = 0.15;
const FRAMES = 5;
/** What lies below the background by more than this part of the span is no noise of it: negative images, shadows. */
const DARK_TAIL = 0.1;
/** Largest values of cameras of 8 to 16 bit, also with their bits at the upper end of 16. */
const FULL_SCALES: ReadonlySet<number> = new Set([255, 1023, 4095, 16383, 65535, 1023 << 6, 4095 << 4, 16383 << 2]);

type Pair = [low: number, high: number];

/**
 * Automatic levels that do not flicker.
 *
 * Low is the background, high the brightest pixels with some room, and both are values that the type can hold. They follow at once what would be cut off (a
 * brighter beam), and only after five frames what would be drawn too dark, so that a beam whose intensity jitters
 * from shot to shot is drawn with the levels of its bright shots. In between they rest.
 */
export class AutoLevels {
  private current: Pair | null = null;
  /** levels that held the last frames, counted as `waiting`, all of which used little of the present ones */
  private next: Pair = [0, 1];
  private waiting = 0;

  /** Another channel or type: nothing is known any more. */
  reset(): void {
    this.current = null;
    this.waiting = 0;
  }

  /**
   * The levels for a frame with these statistics.
   *
   * @param base the statistics are distances from it: for 64-bit integers that doubles do not hold
   */
  update(statistics: Statistics, dtype: DType, base = 0): Pair {
    if (statistics.range === null) return this.current ?? [0, 1];
    const { bottom, below, top, ceiling, wanted } = aim(statistics, dtype, base);
    if (this.current === null) return this.use(wanted);
    const [q, low, high, span] = distances(this.current, base, bottom, top, ...wanted);
    const saturated = ceiling * q < high && ceiling * q >= high - UNUSED_HIGH * span;
    if (saturated || top * q > high + ABOVE * span || bottom * q < low - below * span) return this.use(wanted);
    if ((wanted[1] - base) * q < high - UNUSED_HIGH * span || bottom * q > low + UNUSED_LOW * span) {
      this.next = this.waiting === 0 ? wanted : [Math.min(this.next[0], wanted[0]), Math.max(this.next[1], wanted[1])];
      this.waiting++;
      if (this.waiting >= FRAMES) return this.use(this.next);
    } else {
      this.waiting = 0;
    }
    return this.current;
  }

  /**
   * The levels for a frame for which somebody who saw all of its pixels found `levels`. Those in use stay while they
   * suit as well, so that nothing changes when a preview takes the place of exact pixels.
   */
  follow(levels: Pair): Pair {
    if (this.current === null) return this.use(levels);
    const [q, low, high, span] = distances(this.current, 0, ...levels);
    const [first, last] = [levels[0] * q, levels[1] * q];
    const cut = last > high + ABOVE_OTHERS * span || first < low - BELOW_OTHERS * span;
    const unused = last < high - UNUSED_HIGH * span || first > low + UNUSED_LOW * span;
    return cut || unused ? this.use(levels) : this.current;
  }

  /** The levels of the last frames; null before the first. */
  get present(): Pair | null {
    return this.current;
  }

  private use(levels: Pair): Pair {
    this.waiting = 0;
    this.current = levels;
    return levels;
  }
}

/** A factor, and low, high and span of levels times that, from a base on; `others`: what they are compared with. */
function distances(
  [low, high]: Pair,
  base: number,
  ...others: number[]
): [q: number, low: number, high: number, span: number] {
  const q = differenceFactor(low, high, ...others);
  const [first, last] = [low * q - base * q, high * q - base * q];
  return [q, first, last, last - first];
}

interface Aim {
  /** what counts as the darkest and the brightest of a frame, and what no level exceeds; from the base on */
  bottom: number;
  top: number;
  ceiling: number;
  /** part of the span by which the bottom may pass the low level */
  below: number;
  /** levels that suit them, never equal, inside of the type */
  wanted: Pair;
}

function aim({ foot, peak, dark, range }: Statistics, dtype: DType, base: number): Aim {
  const [lowest, highest] = limitsOf(dtype).map((limit) => limit - base) as Pair;
  const integer = dtype !== "float32" && dtype !== "float64";
  const [minimum, maximum] = range!;
  // A camera can say no more than its full scale, which is then drawn in the last colour.
  const ceiling = integer && FULL_SCALES.has(base + maximum) && peak === maximum ? maximum : highest;
  const q = differenceFactor(foot, peak, dark);
  const tail = foot * q - dark * q > DARK_TAIL * (peak * q - foot * q);
  const below = tail ? BELOW_DARK : BELOW;
  let bottom = tail ? dark : foot;
  // All but a few pixels may be equal: those few are then all there is to see.
  const top = peak > bottom ? peak : maximum;
  if (top <= bottom) bottom = minimum;
  if (top <= bottom) {
    return { bottom, top: bottom, ceiling, below, wanted: flat(base + bottom, base + ceiling, base + lowest) };
  }
  // Written so that even the largest doubles do not make an infinite level.
  const room = HEADROOM * top - HEADROOM * bottom;
  const high = Math.min(integer ? Math.ceil(top + room) : top + room, ceiling);
  return { bottom, top, ceiling, below, wanted: base === 0 ? [bottom, high] : around(bottom, high, dtype, base) };
}

/** Levels for an image of one value. */
export function flat(value: number, ceiling: number, lowest: number): Pair {
  const step = Math.abs(value) || 1;
  const high = Math.min(value + step, ceiling);
  return high > value ? [value, high] : [Math.max(value - step, lowest), value];
}

/** The doubles around two distances from a base, inside of the type, not equal. */
function around(bottom: number, high: number, dtype: DType, base: number): Pair {
  const [lowest, highest] = limitsOf(dtype);
  const low = Math.max(besideWhole(BigInt(base) + BigInt(Math.floor(bottom)), false), lowest);
  const top = Math.min(besideWhole(BigInt(base) + BigInt(Math.ceil(high)), true), highest);
  return top > low ? [low, top] : low < highest ? [low, neighbour(low, true)] : [neighbour(low, false), low];
}
