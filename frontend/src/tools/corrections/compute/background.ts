import type { NumberArray } from "../../../analysis/statistics";

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

  /** Writes the mean of each pixel; NaN without a frame. */
  mean(into: Float64Array): void {
    divide(this.sums, this.taken, into);
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

  /** Writes the mean of each pixel; NaN without a frame. */
  mean(into: Float64Array): void {
    divide(this.sums, this.taken, into);
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

function divide(sums: Float64Array, count: number, into: Float64Array): void {
  if (count === 0) {
    into.fill(Number.NaN);
    return;
  }
  for (let at = 0; at < into.length; at++) into[at] = sums[at]! / count;
}

/** Writes pixels - background, with its sign; all of the same length. */
export function subtract(pixels: NumberArray, background: Float64Array, into: Float64Array): void {
  for (let at = 0; at < into.length; at++) into[at] = pixels[at]! - background[at]!;
}

/** Makes what is below `limit` zero, in place; NaN stays. */
export function threshold(into: Float64Array, limit: number): void {
  for (let at = 0; at < into.length; at++) if (into[at]! < limit) into[at] = 0;
}
