/** Sums and extremes of 64-bit integers that doubles do not hold: exact, as bigint. */

import { spans } from "../../../analysis/spans";
import type { RoiShape } from "../../../contract";

type WideArray = BigInt64Array | BigUint64Array;

interface Place {
  x: number;
  y: number;
}

export interface WideNumbers {
  sum: bigint;
  min: bigint;
  max: bigint;
  pixels: number;
  /** of the whole population, from exact distances: doubles of the values themselves would be hundreds apart */
  sigma: number;
}

const HALF = 2 ** 32;

/**
 * Of the pixels of a region that were sent; null: there is none. `wide` is an array of `columns` x `rows` whose first
 * pixel lies at `place` in the source's image.
 */
export function wideRegion(
  shape: RoiShape,
  wide: WideArray,
  columns: number,
  rows: number,
  place: Place,
  image: { columns: number; rows: number },
): WideNumbers | null {
  const low = new Uint32Array(wide.buffer, wide.byteOffset, 2 * wide.length);
  const high = wide instanceof BigInt64Array ? new Int32Array(low.buffer, low.byteOffset, low.length) : low;
  let sum = 0n;
  let [least, most] = [-1, -1];
  const isLess = (a: number, b: number): boolean => {
    const [one, other] = [high[2 * a + 1]!, high[2 * b + 1]!];
    return one === other ? low[2 * a]! < low[2 * b]! : one < other;
  };
  let pixels = 0;
  const visit = (inside: (at: number, end: number) => void): void =>
    spans(shape, image.columns, image.rows, (row, start, end) => {
      const first = Math.max(start, place.x);
      const count = Math.min(end, place.x + columns) - first;
      if (row < place.y || row >= place.y + rows || count <= 0) return;
      const at = (row - place.y) * columns + first - place.x;
      inside(at, at + count);
    });
  visit((at, end) => {
    pixels += end - at;
    // Halves are added up as doubles, which hold the sums of a row of 2 million pixels.
    let [lower, upper] = [0, 0];
    for (let pixel = at; pixel < end; pixel++) {
      lower += low[2 * pixel]!;
      upper += high[2 * pixel + 1]!;
      if (least < 0 || isLess(pixel, least)) least = pixel;
      if (most < 0 || isLess(most, pixel)) most = pixel;
    }
    sum += BigInt(upper) * BigInt(HALF) + BigInt(lower);
  });
  if (least < 0) return null;
  const [lowest, highest] = [low[2 * least]!, high[2 * least + 1]!];
  const mean = Number(sum - wide[least]! * BigInt(pixels)) / pixels;
  let squares = 0;
  visit((at, end) => {
    for (let pixel = at; pixel < end; pixel++) {
      const distance = (high[2 * pixel + 1]! - highest) * HALF + (low[2 * pixel]! - lowest);
      squares += (distance - mean) ** 2;
    }
  });
  return { sum, min: wide[least]!, max: wide[most]!, pixels, sigma: Math.sqrt(squares / pixels) };
}
