import type { DType } from "../contract";

/** Lowest and highest double that a type holds. */
const LIMITS: Readonly<Record<DType, readonly [lowest: number, highest: number]>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  // 2^63 and 2^64 lie outside; these are the doubles before them.
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  uint64: [0, 2 ** 64 - 2048],
  float32: [-3.4028234663852886e38, 3.4028234663852886e38],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
};

export function limitsOf(dtype: DType): readonly [lowest: number, highest: number] {
  return LIMITS[dtype];
}

/** Beyond this the difference of two doubles may be no finite number. */
const LARGE = 1e300;

/** What to multiply numbers with before they are subtracted from each other, so that no difference is infinite. */
export function differenceFactor(...numbers: readonly number[]): number {
  return numbers.some((number) => Math.abs(number) > LARGE) ? 0.25 : 1;
}

const bits = new BigInt64Array(1);
const double = new Float64Array(bits.buffer);

/** The next double above or below a finite one that is not zero. */
export function neighbour(value: number, up: boolean): number {
  double[0] = value;
  bits[0] = bits[0]! + (value > 0 === up ? 1n : -1n);
  return double[0];
}

/** The largest double not above a whole number, or the smallest not below it. */
export function besideWhole(whole: bigint, above: boolean): number {
  const near = Number(whole);
  if (BigInt(near) === whole || BigInt(near) > whole === above) return near;
  return neighbour(near, above);
}
