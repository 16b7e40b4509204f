/** The last value of each channel, for the pulses in which it has none. No DOM. */

import type { Entry } from "./value-row";

/** A channel is waited for as long as three of its intervals, and so long at least and at most. */
const LEAST_MS = 2000;
const MOST_MS = 60_000;
const INTERVALS = 3;

interface Seen {
  entry: Entry;
  sequence: bigint;
  pulse: string;
  /** when it arrived, ms */
  at: number;
}

interface Known {
  latest: Seen;
  /** for a picture that is older than the latest value */
  before: Seen | null;
  /** the longer of the last two intervals between values, ms; null: only one value came yet */
  intervals: number[];
}

export interface Held {
  entry: Entry;
  pulse: string;
  ageMs: number;
}

export class HeldValues {
  private readonly known = new Map<string, Known>();
  private epoch: number | null = null;

  /** Sequences of different starts of the server cannot be compared. */
  startEpoch(epoch: number): void {
    if (epoch !== this.epoch) this.known.clear();
    this.epoch = epoch;
  }

  /** A value arrived at `at` (ms). */
  note(name: string, entry: Entry, sequence: bigint, pulse: string, at: number): void {
    const known = this.known.get(name);
    if (known === undefined) {
      this.known.set(name, { latest: { entry, sequence, pulse, at }, before: null, intervals: [] });
      return;
    }
    if (sequence <= known.latest.sequence) return;
    known.intervals = [at - known.latest.at, ...known.intervals.slice(0, 1)];
    known.before = known.latest;
    known.latest = { entry, sequence, pulse, at };
  }

  /** What to show of a channel without a value in the pulse `sequence`: an earlier value, if it is not long overdue. */
  of(name: string, sequence: bigint, now: number): Held | null {
    const known = this.known.get(name);
    if (known === undefined) return null;
    const seen = known.latest.sequence <= sequence ? known.latest : known.before;
    if (seen === null || seen.sequence > sequence) return null;
    const ageMs = Math.max(0, now - seen.at);
    return ageMs > this.patience(name) ? null : { entry: seen.entry, pulse: seen.pulse, ageMs };
  }

  /** How long a channel may be without a value before that is worth a word, ms. */
  patience(name: string): number {
    const intervals = this.known.get(name)?.intervals ?? [];
    if (intervals.length === 0) return MOST_MS;
    return Math.min(MOST_MS, Math.max(LEAST_MS, INTERVALS * Math.max(...intervals)));
  }

  forget(name: string): void {
    this.known.delete(name);
  }
}
