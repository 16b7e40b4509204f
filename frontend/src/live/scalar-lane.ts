import type { LastValue, News, PulseValues } from "../contract";
import type { Senders } from "../contract/kinds";
import { Limiter } from "./limiter";

const INTERVAL_MS = 100;

/** Tells the page of the newest values that came without a picture, ten times a second, and counts all rows. */
export class ScalarLane {
  private readonly news: Senders<News>;
  private readonly limiter = new Limiter(INTERVAL_MS, () => this.flush());
  private rows = 0;
  private lost = 0;
  /** made only if it is sent */
  private newest: (() => PulseValues) | null = null;
  private last = new Map<string, LastValue>();

  constructor(news: Senders<News>) {
    this.news = news;
  }

  /** `last`: of the channels that do not come with every pulse, the last value in these rows. */
  add(rows: number, lost: number, newest: () => PulseValues, now: number, last: [string, LastValue][] = []): void {
    for (const [name, value] of last) this.last.set(name, value);
    this.rows += rows;
    this.lost += lost;
    this.newest = newest;
    if (this.limiter.take(now)) this.flush();
  }

  /** The connection or the epoch ended: channel numbers mean something else now. */
  reset(): void {
    this.limiter.cancel();
    this.newest = null;
    this.last = new Map();
    this.rows = this.lost = 0;
  }

  private flush(): void {
    if (this.newest === null) return;
    this.news.scalars({ values: this.newest(), rows: this.rows, lost: this.lost, last: this.last });
    this.newest = null;
    this.last = new Map();
    this.rows = this.lost = 0;
  }
}
