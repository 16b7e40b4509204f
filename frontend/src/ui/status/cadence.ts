/** How often something arrives, learnt from its own arrivals. */

const REMEMBERED = 15;

export class Cadence {
  private readonly intervals: number[] = [];
  private last: number | null = null;

  /** Something arrived at `now` (ms): `count` of them since the last call. */
  add(now: number, count = 1): void {
    if (count < 1) return;
    if (this.last !== null) {
      this.intervals.push((now - this.last) / count);
      if (this.intervals.length > REMEMBERED) this.intervals.shift();
    }
    this.last = now;
  }

  /** Time of the last arrival (ms), or null. */
  get lastAt(): number | null {
    return this.last;
  }

  /**
   * Typical interval in ms: the lower median, because a silence among few intervals must not pass for the period.
   * Null until two arrived.
   */
  get period(): number | null {
    if (this.intervals.length === 0) return null;
    const sorted = [...this.intervals].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
  }

  reset(): void {
    this.intervals.length = 0;
    this.last = null;
  }
}

/** Silence is what lasts longer than a second and longer than three periods (ms). */
export function silenceLimit(period: number | null): number {
  return Math.max(1000, 3 * (period ?? 0));
}
