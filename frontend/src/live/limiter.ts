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
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.last = performance.now();
      this.trailing();
    }, Math.ceil(this.last + this.intervalMs - now));
    return false;
  }

  /** Nothing is left to be done later. */
  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
