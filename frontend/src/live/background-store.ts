import { FrameAverage } from "../tools/corrections/compute/background";
import type { NumberArray } from "../analysis/statistics";
import type { DType, ProcessingState, Pulse } from "../contract";

/** What has to be the same of an image and its background. */
export interface ImageFacts {
  channel: string;
  slice: number | null;
  dtype: DType;
  rows: number;
  columns: number;
}

type State = ProcessingState["background"];

/** A background: the mean of some frames, which is taken, used, and dropped when the images are other ones. */
export class Background {
  private average: FrameAverage | null = null;
  private frames = 0;
  private result: Float64Array | null = null;
  private facts: ImageFacts | null = null;
  private newest: Pulse | null = null;
  private dropped: string | null = null;

  get state(): "none" | "there" | "taking" {
    return this.average !== null ? "taking" : this.result !== null ? "there" : "none";
  }

  /** To be subtracted, one value for each pixel; null while there is none. */
  get mean(): Float64Array | null {
    return this.result;
  }

  /** Begins with a new one of so many frames; 0: only forgets the one that there is. */
  take(frames: number): void {
    this.forget();
    this.dropped = null;
    if (frames < 1) return;
    this.average = new FrameAverage();
    this.frames = Math.round(frames);
  }

  /** Takes a frame while a background is taken. */
  add(pixels: NumberArray, facts: ImageFacts, pulse: Pulse): void {
    const { average } = this;
    if (average === null) return;
    average.add(pixels);
    this.facts = facts;
    this.newest = pulse;
    if (average.count < this.frames) return;
    this.result = new Float64Array(pixels.length);
    average.mean(this.result);
    this.average = null;
  }

  /** Drops a background that does not fit images of these facts; returns whether that was so. */
  check(now: ImageFacts): boolean {
    const reason = this.facts === null ? null : difference(now, this.facts);
    if (reason === null) return false;
    this.forget();
    this.dropped = reason;
    return true;
  }

  /** @param used whether it is wanted to be subtracted */
  describe(used: boolean): State {
    const { average, frames, newest, dropped } = this;
    const none = this.result === null;
    return {
      state: average !== null ? "taking" : !none ? (used ? "on" : "off") : dropped === null ? "none" : "dropped",
      taken: average?.count ?? (none ? 0 : frames),
      frames,
      since: newest === null ? null : millisecondsOf(newest),
      pulseId: newest?.pulseId ?? null,
      reason: dropped,
    };
  }

  private forget(): void {
    this.average = this.result = this.facts = this.newest = null;
    this.frames = 0;
  }
}

function difference(now: ImageFacts, then: ImageFacts): string | null {
  if (now.channel !== then.channel) return `The image is now ${now.channel}, the background is of ${then.channel}.`;
  if (now.rows !== then.rows || now.columns !== then.columns) {
    return `The image is now ${now.columns} x ${now.rows}, the background ${then.columns} x ${then.rows}.`;
  }
  if (now.dtype !== then.dtype) return `The image is now ${now.dtype}, the background ${then.dtype}.`;
  return now.slice === then.slice ? null : "The image is now another slice than the background.";
}

/** Since 1970, by the server's clock; by this machine's where the message has no time. */
function millisecondsOf({ receiptTime }: Pulse): number {
  return receiptTime === null ? Date.now() : Number(receiptTime / 1000n) / 1000;
}
