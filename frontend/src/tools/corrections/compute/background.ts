import type { NumberArray } from "../../../analysis/statistics";

/** What is done with each pixel: the background is taken off, then what is below the limit becomes zero. */
export interface Correction {
  /** one value for each pixel; null: none */
  background: Float64Array | null;
  limit: number | null;
}

const NO_CORRECTION: Correction = { background: null, limit: null };

/** Frames that a running average keeps may take so many bytes. */
const MOST_BYTES = 256 * 2 ** 20;

/** Mean of frames. Sums are double: exact for integers, up to 2^53. A pixel that was not finite once is not finite. */
export class FrameAverage {
  private sums = new Float64Array(0);
  private taken = 0;

  /** Frames that are in it. */
  get count(): number {
    return this.taken;
  }

  /** Throws a RangeError if the frame is of another size than those before. */
  add(pixels: NumberArray): void {
    if (this.taken === 0) this.sums = emptied(this.sums, pixels.length);
    demandSize(pixels.length, this.sums.length);
    const { sums } = this;
    for (let at = 0; at < pixels.length; at++) sums[at]! += pixels[at]!;
    this.taken++;
  }

  /** Writes the mean of each pixel, corrected; NaN without a frame. */
  mean(into: Float64Array, correction = NO_CORRECTION): void {
    correct(this.sums, this.taken, correction, into);
  }

  reset(): void {
    this.taken = 0;
  }
}

/**
 * Mean of the last so many frames. They are kept as they came, and the sums follow: the newest is added, the oldest
 * taken away. For integers that is exact. For floats a part of the pixels is summed up anew with each frame, all of
 * them within as many frames as are kept, so that rounding never adds up over more than those; and a pixel is summed up
 * anew when a value leaves that is not finite.
 */
export class RunningAverage {
  private readonly ring: NumberArray[] = [];
  private readonly frames: number;
  private sums = new Float64Array(0);
  private oldest = 0;
  private taken = 0;
  private renewed = 0;

  /**
   * Throws a RangeError, with a sentence for the user, if there is nothing to average or the frames, of `frameBytes`
   * each, take more than 256 MB.
   */
  constructor(frames: number, frameBytes = 0) {
    if (!Number.isInteger(frames) || frames < 1) throw new RangeError("An average needs at least one frame.");
    this.frames = frames;
    demandMemory(frames, frameBytes);
  }

  /** Frames that are in it. */
  get count(): number {
    return this.taken;
  }

  /** Throws a RangeError if the frame is of another size or type than those before, or too large for so many frames. */
  add(pixels: NumberArray): void {
    const first = this.ring[0];
    if (this.taken === 0) {
      demandMemory(this.frames, pixels.byteLength);
      if (first !== undefined && !isLike(first, pixels)) this.ring.length = 0;
      this.sums = emptied(this.sums, pixels.length);
    } else if (first !== undefined) {
      demandSize(pixels.length, first.length);
      if (!isLike(first, pixels)) throw new RangeError("The frame is of another data type than those before.");
    }
    if (this.taken < this.frames) {
      this.append(pixels);
    } else {
      this.replace(pixels);
    }
  }

  private append(pixels: NumberArray): void {
    const { sums } = this;
    for (let at = 0; at < pixels.length; at++) sums[at]! += pixels[at]!;
    const kept = this.ring[this.taken];
    if (kept) kept.set(pixels);
    else this.ring.push(pixels.slice());
    this.taken++;
  }

  private replace(pixels: NumberArray): void {
    const { sums } = this;
    const leaving = this.ring[this.oldest]!;
    this.oldest = (this.oldest + 1) % this.frames;
    if (!(pixels instanceof Float32Array || pixels instanceof Float64Array)) {
      for (let at = 0; at < pixels.length; at++) sums[at]! += pixels[at]! - leaving[at]!;
      leaving.set(pixels);
      return;
    }
    for (let at = 0; at < pixels.length; at++) {
      const value = pixels[at]!;
      const old = leaving[at]!;
      leaving[at] = value;
      if (old - old === 0 || value - value !== 0) sums[at]! += value - old;
      else this.renew(at, at + 1);
    }
    const share = Math.ceil(pixels.length / this.frames);
    this.renew(this.renewed, Math.min(this.renewed + share, pixels.length));
    this.renewed = this.renewed + share >= pixels.length ? 0 : this.renewed + share;
  }

  /** Sums up the pixels from `start` to `end` - 1 again. */
  private renew(start: number, end: number): void {
    this.sums.fill(0, start, end);
    for (const frame of this.ring) for (let at = start; at < end; at++) this.sums[at]! += frame[at]!;
  }

  /** Writes the mean of each pixel, corrected; NaN without a frame. */
  mean(into: Float64Array, correction = NO_CORRECTION): void {
    correct(this.sums, this.taken, correction, into);
  }

  /** Forgets the frames, and keeps their memory for the next ones. */
  reset(): void {
    this.taken = 0;
    this.oldest = 0;
    this.renewed = 0;
  }
}

function demandSize(length: number, before: number): void {
  if (length !== before) throw new RangeError("The frame is of another size than those before.");
}

function demandMemory(frames: number, frameBytes: number): void {
  if (frames * frameBytes <= MOST_BYTES) return;
  const most = Math.floor(MOST_BYTES / frameBytes);
  const room = most === 0 ? "Not one" : `At most ${most}`;
  throw new RangeError(`A running average of ${frames} such frames needs too much memory. ${room} can be kept.`);
}

function isLike(one: NumberArray, other: NumberArray): boolean {
  return one.constructor === other.constructor && one.length === other.length;
}

function emptied(sums: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  return sums.length === length ? sums.fill(0) : new Float64Array(length);
}

/**
 * Writes each sum / count - background, with its sign, and zero instead of what is below the limit; NaN stays, and is all
 * there is of no frame. All are of the same length.
 *
 * One pass, because the time goes into memory: a pass for each step takes twice as long.
 */
export function correct(sums: NumberArray, count: number, { background, limit }: Correction, into: Float64Array): void {
  if (count === 0) {
    into.fill(Number.NaN);
    return;
  }
  const lowest = limit ?? -Infinity;
  if (background === null) {
    for (let at = 0; at < into.length; at++) {
      const value = sums[at]! / count;
      into[at] = value < lowest ? 0 : value;
    }
    return;
  }
  for (let at = 0; at < into.length; at++) {
    const value = sums[at]! / count - background[at]!;
    into[at] = value < lowest ? 0 : value;
  }
}
