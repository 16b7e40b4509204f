/**
 * The scale along an edge of the picture that the profiles of the page and those of the stream have in common, so that
 * the same sums lie on each other. Pure.
 */

import { stickyRange } from "../ticks";

export type EdgeName = "x" | "y";
export type Range = readonly [low: number, high: number];

/** Where the page drew its own profile. */
export interface DrawnEdge {
  /** from left to right or from top to bottom: the part of the screen with pixels of the profile, CSS pixels */
  from: number;
  to: number;
  /** the edge that the curves stand on, and how far they reach from it */
  base: number;
  depth: number;
  /** values at the edge and at the far side, of sums from which nothing was taken off */
  low: number;
  high: number;
}

export class EdgeScales {
  private readonly stream: Record<EdgeName, Range | null> = { x: null, y: null };
  private readonly before: Record<EdgeName, [number, number] | null> = { x: null, y: null };
  private readonly drawn: Record<EdgeName, DrawnEdge | null> = { x: null, y: null };

  /** What the stream's curves reach over; null: none is drawn. */
  setStream(name: EdgeName, range: Range | null): void {
    this.stream[name] = range;
  }

  /** Begin anew: another image, region or baseline. */
  reset(): void {
    this.before.x = this.before.y = null;
  }

  /**
   * The range for a profile of the page, after `baseline` was taken off it, with its zero; with the stream's curves if
   * they are sums of the same pixels.
   */
  limits(name: EdgeName, [low, high]: Range, baseline: number, same: boolean): [number, number] {
    const other = same ? this.stream[name] : null;
    const from = Math.min(low, 0, other === null ? low : other[0] - baseline);
    const to = Math.max(high, other === null ? high : other[1] - baseline);
    return (this.before[name] = stickyRange(this.before[name], from, to));
  }

  /** The page's profile was drawn so; null: it was not, or it is of other pixels than the stream's. */
  setDrawn(name: EdgeName, edge: DrawnEdge | null): void {
    this.drawn[name] = edge;
  }

  /** Where the stream's curves belong; null: there is no profile of the page to lie on. */
  drawnAt(name: EdgeName): DrawnEdge | null {
    return this.drawn[name];
  }
}
