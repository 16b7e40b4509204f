/** Clocks run apart by no more than this (100 ppm). */
const DRIFT = 1e-4;
/** The smallest sum is that of the last one to two minutes, so that it follows clocks that were set. */
const SPAN_MS = 60_000;
/** What seems to be longer on the way than this was not: one of the clocks was set. */
const LONGEST_MS = 60_000;

/**
 * How long messages are on the way from the server, though its clock and this one have nothing to do with each other.
 *
 * Small messages that say when they were written arrive late by the difference of the clocks and their time on the way;
 * the smallest sum that was seen lately belongs to one that had to wait for nothing, which takes half of the smallest
 * round trip. What a message arrives later than that, it was longer on the way: its transmission, and the queue before it.
 */
export class OneWay {
  private before = Infinity;
  private now = Infinity;
  private since = -Infinity;
  private at = 0;

  /** A small message that was written at `sent` (ms, the server's clock) arrived at `arrived` (ms, this clock). */
  heard(sent: number, arrived: number): void {
    const offset = arrived - sent;
    if (offset > this.offset() + LONGEST_MS) this.reset();
    if (arrived - this.since > SPAN_MS) {
      this.before = this.now;
      this.now = Infinity;
      this.since = arrived;
    }
    const drift = Math.max(0, arrived - this.at) * DRIFT;
    this.before += drift;
    this.now = Math.min(this.now + drift, offset);
    this.at = arrived;
  }

  /**
   * The ms that a message was on the way.
   *
   * @param least half of the smallest round trip; null, as the result then is, if it is not known
   */
  taken(sent: number, arrived: number, least: number | null): number | null {
    const offset = this.offset();
    if (offset === Infinity || least === null) return least;
    const longer = arrived - sent - offset;
    return longer > LONGEST_MS ? least : least + Math.max(0, longer);
  }

  /** Another connection, and perhaps another server. */
  reset(): void {
    this.before = this.now = Infinity;
    this.since = -Infinity;
  }

  private offset(): number {
    return Math.min(this.before, this.now);
  }
}
