const WINDOW_MS = 1000;

/** Events per second over about the last second; over the last two events where they are rarer. */
export class RateMeter {
  private times: number[] = [];

  /** Counts an event at `now` (ms) and returns the rate. */
  count(now: number): number {
    this.times.push(now);
    while (this.times.length > 2 && this.times[1]! <= now - WINDOW_MS) this.times.shift();
    return this.rate();
  }

  /** The last rate; 0 before the second event. */
  rate(): number {
    const first = this.times[0];
    const last = this.times[this.times.length - 1];
    if (first === undefined || last === undefined || last <= first) return 0;
    return ((this.times.length - 1) * 1000) / (last - first);
  }

  reset(): void {
    this.times = [];
  }
}
