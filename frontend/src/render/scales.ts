/**
 * Where a value lies on the colour scale, 0 at the level `low` and 1 at `high`, and back. Used for the boundaries
 * between colours (render/levels.ts), the colour bar and the histogram; never for each pixel.
 *
 *     linear   (v - low) / (high - low)
 *     log      log(v / low) / log(high / low); needs low > 0, see `effectiveLevels`; nothing at or below 0
 *     sqrt     sqrt((v - low) / (high - low)), 0 below low
 *     gamma    ((v - low) / (high - low)) ^ gamma, 0 below low
 *     symlog   from s(low) to s(high), with s(v) = sign(v) log(1 + |v| / c)
 *     asinh    from s(low) to s(high), with s(v) = asinh(v / c)
 *
 * `c` is the value up to which the last two are nearly linear: a thousandth of the larger of |low| and |high|. As
 * matplotlib's LogNorm, PowerNorm and AsinhNorm; symlog without the corner that SymLogNorm has, as h5web's.
 */

import type { ScaleName } from "../contract";

type Pair = [low: number, high: number];

/** Part of the larger level up to which symlog and asinh are nearly linear. */
const LINEAR_PART = 1e-3;
/** What stands for a low level of the scale `log` that is not positive: one count, or so many decades below high. */
const LOWEST_COUNT = 1;
const INTEGER_DECADES = 1;
const FLOAT_DECADES = 4;

/**
 * The levels that a scale can be drawn with. `log` has no place for a low level that is not positive: one count then
 * stands for it, but no more than a tenth of high, and for floats a ten-thousandth of high. Where high is not positive
 * either, nothing is to be seen: 1 stands for it.
 *
 * @param found the levels were found by a rule, not chosen: a low level of floats that is but a trace of high, as noise
 * around zero leaves it, then counts as not positive
 */
export function effectiveLevels(
  [low, high]: readonly [number, number],
  scale: ScaleName,
  integer: boolean,
  found = false,
): Pair {
  const trace = found && !integer && low < high / 10 ** FLOAT_DECADES;
  if (scale !== "log" || (low > 0 && !trace)) return [low, high];
  const top = high > 0 ? high : 1;
  return [integer ? Math.min(LOWEST_COUNT, top / 10 ** INTEGER_DECADES) : top / 10 ** FLOAT_DECADES, top];
}

/**
 * Place of a value on the scale: 0 at low, 1 at high, beyond them outside of 0 ... 1 where the scale goes on there.
 * Rises with the value. -Infinity for a value that `log` has no place for; 0 if high is not above low.
 */
export function normalise(value: number, low: number, high: number, scale: ScaleName, gamma: number): number {
  if (!(high > low)) return 0;
  switch (scale) {
    case "linear":
      return linearPart(value, low, high);
    case "log":
      return value > 0 ? Math.log(value / low) / Math.log(high / low) : -Infinity;
    case "sqrt":
      return Math.sqrt(Math.max(linearPart(value, low, high), 0));
    case "gamma":
      return Math.max(linearPart(value, low, high), 0) ** gamma;
    case "symlog":
    case "asinh": {
      const c = linearUpTo(low, high);
      const bend = scale === "symlog" ? symlog : Math.asinh;
      return linearPart(bend(value / c), bend(low / c), bend(high / c));
    }
  }
}

/** The value at a place on the scale, 0 ... 1: the inverse of `normalise`. */
export function valueAt(part: number, low: number, high: number, scale: ScaleName, gamma: number): number {
  if (!(high > low)) return low;
  switch (scale) {
    case "linear":
      return between(part, low, high);
    case "log":
      return low * Math.exp(part * Math.log(high / low));
    case "sqrt":
      return between(part * part, low, high);
    case "gamma":
      return between(part ** (1 / gamma), low, high);
    case "symlog":
    case "asinh": {
      const c = linearUpTo(low, high);
      const [bend, straighten] = scale === "symlog" ? [symlog, symexp] : [Math.asinh, Math.sinh];
      return c * straighten(between(part, bend(low / c), bend(high / c)));
    }
  }
}

function linearUpTo(low: number, high: number): number {
  return Math.max(Math.abs(low), Math.abs(high)) * LINEAR_PART;
}

function symlog(value: number): number {
  return Math.sign(value) * Math.log1p(Math.abs(value));
}

function symexp(value: number): number {
  return Math.sign(value) * Math.expm1(Math.abs(value));
}

/** Written so that not even the span of the largest doubles is infinite. */
function linearPart(value: number, low: number, high: number): number {
  const span = high - low;
  return span === Infinity ? (value / 2 - low / 2) / (high / 2 - low / 2) : (value - low) / span;
}

function between(part: number, low: number, high: number): number {
  return low * (1 - part) + high * part;
}
