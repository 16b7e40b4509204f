/**
 * Lets something happen at most once in an interval, and never forgets the last time: what was refused happens when
 * the interval is over.
 */
export class Limiter {
  private readonly intervalMs: number;
  private readonly trailing: () => void;
  private last = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** @param trailing called after the interval if `take` returned false in it */
  constructor(intervalMs: number, trailing: () => void) {
    this.intervalMs = intervalMs;
    this.trailing = trailing;
  }

  /** True: do it now. False: `trailing` will be called. */
  take(now: number): boolean {
    if (now - this.last >= this.intervalMs) {
      this.cancel();
      this.last = now;
      return true;
    }
    this.timer ??= setTimeout(
      () => {
        this.timer = null;
        this.last = performance.now();
        this.trailing();
      },
      Math.ceil(this.last + this.intervalMs - now),
    );
    return false;
  }

  /** Nothing is left to be done later. */
  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

/**
 * The same, but after a rest several things may happen at once: `burst` of them, and one more for each interval since.
 */
export class BurstLimiter {
  private readonly burst: number;
  private readonly intervalMs: number;
  private readonly trailing: () => void;
  /** time at which all of the burst is there again */
  private full = -Infinity;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** @param trailing called as soon as it may happen if `take` returned false */
  constructor(burst: number, intervalMs: number, trailing: () => void) {
    this.burst = burst;
    this.intervalMs = intervalMs;
    this.trailing = trailing;
  }

  /** True: do it now. False: `trailing` will be called. */
  take(now: number): boolean {
    if (this.timer !== null) return false;
    const wait = this.full - (this.burst - 1) * this.intervalMs - now;
    if (wait <= 0) {
      this.full = Math.max(this.full, now) + this.intervalMs;
      return true;
    }
    this.timer = setTimeout(() => {
      this.timer = null;
      this.full = Math.max(this.full, performance.now()) + this.intervalMs;
      this.trailing();
    }, Math.ceil(wait));
    return false;
  }

  /** Nothing is left to be done later, and all may happen at once again. */
  reset(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.full = -Infinity;
  }
}
