import type { NumberArray } from "../analysis/statistics";
import type { PixelArray } from "./image";

const LARGE = 2 ** 32;

/**
 * Makes doubles of 64-bit integers, which nothing that draws or counts can take. Values beyond 2^53 are rounded
 * here; the exact ones stay in the decoded image. The memory of a slot is used again.
 */
export class Doubles {
  private readonly slots: Float64Array[] = [];

  of(pixels: PixelArray, slot: number): NumberArray {
    if (!(pixels instanceof BigInt64Array || pixels instanceof BigUint64Array)) return pixels;
    let doubles = this.slots[slot];
    if (doubles === undefined || doubles.length < pixels.length) {
      doubles = this.slots[slot] = new Float64Array(pixels.length);
    }
    // Halves of the numbers instead of BigInt, which takes a hundred times as long.
    const low = new Uint32Array(pixels.buffer, pixels.byteOffset, 2 * pixels.length);
    const high = pixels instanceof BigInt64Array ? new Int32Array(low.buffer, low.byteOffset, low.length) : low;
    for (let at = 0; at < pixels.length; at++) doubles[at] = high[2 * at + 1]! * LARGE + low[2 * at]!;
    return doubles.subarray(0, pixels.length);
  }
}
