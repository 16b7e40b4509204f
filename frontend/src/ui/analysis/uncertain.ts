/** Numbers with their uncertainty, as physicists write them. Pure. */

import { compactNumber } from "../format";

/** Beyond this size, or below its inverse, a common power of ten is taken out. */
const LARGEST = 1e7;
const SMALLEST = 1e-4;

/**
 * "12.345 ± 0.021": the uncertainty with two significant digits, the value with as many decimals. Without an
 * uncertainty that makes sense the value alone, with six digits.
 */
export function withError(value: number, error: number | null): string {
  if (error === null || !Number.isFinite(error) || !(error > 0)) return compactNumber(value);
  const size = Math.max(Math.abs(value), error);
  if (size >= LARGEST || size < SMALLEST) {
    const power = Math.floor(Math.log10(size));
    const [mantissa, deviation] = evenDecimals(value / 10 ** power, error / 10 ** power);
    return `(${mantissa} ± ${deviation})e${power}`;
  }
  return evenDecimals(value, error).join(" ± ");
}

/** A difference with its sign. */
export function signed(value: number, digits: number): string {
  const text = compactNumber(Number(value.toPrecision(digits)));
  return value > 0 ? `+${text}` : text.replace("-", "−");
}

function evenDecimals(value: number, error: number): [string, string] {
  // 0.0996 has the digits 0.10, one decimal less than its logarithm says.
  const rounded = Number(error.toPrecision(2));
  const decimals = Math.min(Math.max(1 - Math.floor(Math.log10(rounded) + 1e-12), 0), 15);
  return [value.toFixed(decimals), rounded.toFixed(decimals)];
}
