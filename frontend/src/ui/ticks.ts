/** Round numbers along a scale, and a range that does not jump. */

/** Round numbers strictly between low and high, at most `most` of them, 1, 2 or 5 times a power of ten apart. */
export function niceTicks(low: number, high: number, most: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span) || most < 1) return [];
  let step = 10 ** Math.floor(Math.log10(span / most));
  for (const factor of [1, 2, 5, 10]) {
    if (span / (step * factor) <= most) {
      step *= factor;
      break;
    }
  }
  // Rounding of the last digit must not show, and far from zero the last digits are what counts.
  const figures = span * 1e9 > Math.max(Math.abs(low), Math.abs(high)) ? 12 : 17;
  const first = Math.ceil(low / step);
  const ticks: number[] = [];
  // Counted, because far from zero a number and its neighbour may be the same double.
  for (let nth = 0; nth <= most + 1; nth += 1) {
    const value = Number(((first + nth) * step).toPrecision(figures));
    if (value > low && value < high && value !== ticks.at(-1) && ticks.length < most) ticks.push(value);
  }
  return ticks;
}

/** Labels along a scale. Where `offset` is not empty each of them is what is to be added to that number. */
export interface ScaleLabels {
  labels: string[];
  offset: string;
}

/** Characters of a label that a scale has room for. */
const ROOM = 9;

/**
 * Labels with as many digits as tell neighbours apart, all with the same number of decimals: as decimals, with an
 * exponent, or as distances from a common offset, whatever is the first to fit.
 *
 * @param step what has to be told apart; absent: the least distance of two of the values
 */
export function scaleLabels(values: readonly number[], step = leastStep(values)): ScaleLabels {
  if (values.length === 0) return { labels: [], offset: "" };
  const size = Math.max(...values.map(Math.abs));
  if (!(step > 0) || !Number.isFinite(step)) return { labels: values.map((value) => compact(value, 4)), offset: "" };
  const last = Math.floor(Math.log10(step) + 1e-9);
  const decimals = Math.max(0, -last);
  const fits = (labels: readonly string[]): boolean => labels.every((label) => label.length <= ROOM);
  // toFixed knows at most 100 decimals, and no decimals of numbers from 1e21 on.
  if (decimals <= ROOM && size < 10 ** ROOM) {
    const plain = values.map((value) => trimmedZero(value.toFixed(decimals)));
    if (fits(plain)) return { labels: plain, offset: "" };
  }
  const figures = Math.max(1, Math.floor(Math.log10(size)) - last);
  if (figures <= 4) return { labels: values.map((value) => value.toExponential(figures)), offset: "" };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const unit = 10 ** Math.ceil(Math.log10(Math.max(high - low, step)) + 1e-9);
  const offset = Number((Math.floor(low / unit) * unit).toPrecision(15));
  // Where even the offset cannot be told from its neighbours there is nothing shorter than all digits.
  if (offset === 0 || Math.abs(offset) < unit) return { labels: values.map(allDigits), offset: "" };
  const { labels } = scaleLabels(
    values.map((value) => value - offset),
    step,
  );
  return { labels: labels.map((label) => (label.startsWith("-") ? label : `+${label}`)), offset: allDigits(offset) };
}

/** A number on a scale of decades: as many figures as given, never rounded to zero. */
export function compact(value: number, figures: number): string {
  const size = Math.abs(value);
  const short = Number(value.toPrecision(figures));
  return value === 0 || (size >= 1e-3 && size < 1e6)
    ? String(short)
    : trimmedExponent(value.toExponential(figures - 1));
}

/** The shortest text that is this number, whole numbers beyond 2^53 too. */
function allDigits(value: number): string {
  const whole = Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
  const power = trimmedExponent(value.toExponential());
  return power.length < whole.length && Number(power) === value ? power : whole;
}

function trimmedExponent(text: string): string {
  return text.replace(/\.?0+e/, "e").replace("e+", "e");
}

function trimmedZero(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

function leastStep(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const steps = sorted
    .slice(1)
    .map((value, at) => value - sorted[at]!)
    .filter((step) => step > 0);
  return steps.length > 0 ? Math.min(...steps) : Math.abs(values[0] ?? 0) / 1000;
}

/**
 * Range of an axis for data from `low` to `high`: it grows at once and shrinks only when the data fill less than two
 * thirds of it, so that noise does not shake the axis.
 */
export function stickyRange(previous: [number, number] | null, low: number, high: number): [number, number] {
  const span = high - low;
  const margin = span > 0 ? span * 0.08 : Math.abs(low) * 0.05 || 1;
  if (previous !== null && span > 0) {
    const [bottom, top] = previous;
    if (low >= bottom && high <= top && span >= (top - bottom) * 0.66) return previous;
  }
  return [low - margin, high + margin];
}
