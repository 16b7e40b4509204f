/** Pixels less the base of their colours, before anything is rounded. */

import type { NumberArray } from "../analysis/statistics";
import { type Origin, xOf } from "./levels";
import type { Picture } from "./renderer";

const HALF = 2 ** 32;

/** 64-bit integers have to be subtracted from as they are where doubles do not hold them. */
export function needsWide({ wide, range }: Pick<Picture, "wide" | "range">): boolean {
  return wide !== null && range !== null && Math.max(-range[0], range[1]) > Number.MAX_SAFE_INTEGER;
}

/** What each pixel is compared as, see render/levels.ts; `into` is as long as the picture. */
export function writeDistances(picture: Picture, origin: Origin, into: Float32Array): void {
  const { numbers, wide } = picture;
  if (wide !== null && needsWide(picture)) {
    subtractWide(wide, origin.base, into);
    if (origin.unit !== 1) for (let at = 0; at < into.length; at++) into[at] = into[at]! * origin.unit;
    return;
  }
  for (let at = 0; at < numbers.length; at++) into[at] = xOf(numbers[at]!, origin);
}

/** 64-bit integers less a whole number, rounded once at the end; by their halves, because BigInt takes a hundred times as long. */
export function subtractWide(
  wide: BigInt64Array | BigUint64Array,
  base: number,
  into: Float32Array | Float64Array,
): void {
  const low = new Uint32Array(wide.buffer, wide.byteOffset, 2 * wide.length);
  const high = wide instanceof BigInt64Array ? new Int32Array(low.buffer, low.byteOffset, low.length) : low;
  // The base may lie outside of the type.
  const baseHigh = Math.floor(base / HALF);
  const baseLow = base - baseHigh * HALF;
  for (let at = 0; at < wide.length; at++) {
    into[at] = (high[2 * at + 1]! - baseHigh) * HALF + (low[2 * at]! - baseLow);
  }
}

/** A picture whose numbers doubles do not hold, as one of its distances from a base, for Canvas 2D; made once for each. */
export class WidePicture {
  private source: Picture | null = null;
  private base = 0;
  private picture: Picture | null = null;

  /** The distances of all pixels from the base; the picture itself where its numbers are exact. */
  of(picture: Picture, base: number): Picture {
    const { wide } = picture;
    if (wide === null || !needsWide(picture)) return picture;
    if (this.picture === null || this.source !== picture || this.base !== base) {
      const numbers: NumberArray = new Float64Array(wide.length);
      subtractWide(wide, base, numbers);
      [this.source, this.base] = [picture, base];
      this.picture = { ...picture, numbers };
    }
    return this.picture;
  }
}
