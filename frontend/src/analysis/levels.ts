import type { Statistics } from "./statistics";

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
/** The levels follow a picture that uses so much less of them, when it does so for this many frames in a row. */
const UNUSED_HIGH = 0.3;
const UNUSED_LOW = 0.1;
/** The same for levels that somebody else found and rounded to wider ones. */
const ABOVE_OTHERS = 0.15;
const BELOW_OTHERS = 0.15;
const FRAMES = 5;

type Pair = [low: number, high: number];

/**
 * Automatic levels that do not flicker.
 *
 * Low is the background, high the brightest pixels with some room. They follow at once what would be cut off (a
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

  /** The levels for a frame with these statistics. */
  update(statistics: Statistics, integer: boolean): Pair {
    if (statistics.range === null) return this.current ?? [0, 1];
    const { foot, peak, wanted } = aim(statistics, integer);
    if (this.current === null) return this.use(wanted);
    const [low, high] = this.current;
    const span = high - low;
    if (peak > high + ABOVE * span || foot < low - BELOW * span) return this.use(wanted);
    if (wanted[1] < high - UNUSED_HIGH * span || foot > low + UNUSED_LOW * span) {
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
    const [low, high] = this.current;
    const span = high - low;
    const cut = levels[1] > high + ABOVE_OTHERS * span || levels[0] < low - BELOW_OTHERS * span;
    const unused = levels[1] < high - UNUSED_HIGH * span || levels[0] > low + UNUSED_LOW * span;
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

/** Background and peak of a frame, and the levels that suit them, never equal. */
function aim({ foot, peak, range }: Statistics, integer: boolean): { foot: number; peak: number; wanted: Pair } {
  // All but a few pixels may be equal: those few are then all there is to see.
  const top = peak > foot ? peak : range![1];
  if (top <= foot) return { foot, peak: foot, wanted: [foot, foot + (Math.abs(foot) || 1)] };
  // Written so that even the largest doubles do not make an infinite level.
  const high = Math.min(top + (HEADROOM * top - HEADROOM * foot), Number.MAX_VALUE);
  return { foot, peak: top, wanted: integer ? [Math.floor(foot), Math.ceil(high)] : [foot, high] };
}
