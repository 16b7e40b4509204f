/**
 * Levenberg-Marquardt for offset + amplitude * exp(-(x - mean)^2 / (2 sigma^2)); K. Madsen, H. B. Nielsen, O. Tingleff,
 * "Methods for Non-Linear Least Squares Problems", 2004, chapter 3.2, with Marquardt's scaling.
 */

export type Parameters = [offset: number, amplitude: number, mean: number, sigma: number];

export interface Minimum {
  parameters: Parameters;
  /** sum of squares */
  cost: number;
  /** standard deviations; null where the data do not determine them */
  errors: Parameters | null;
}

const MOST_STEPS = 200;
/**
 * So many steps that hardly lower the sum, one after the other, creep along a valley without an end, as in noise; close
 * to a minimum they soon are none.
 */
const MOST_SLOW_STEPS = 15;
const SLOW = 1e-5;
const SMALLEST_STEP = 1e-9;
const SMALLEST_CHANGE = 1e-14;
/** Cosine of the angle between the residuals and a derivative at a minimum, where rounding allows no smaller sum. */
const SMALLEST_GRADIENT = 1e-6;
const LARGEST_DAMPING = 1e12;
/** Mean square that is nothing but rounding, for values from 0 to 1. */
const EXACT = 1e-30;
/** Sigma in units of its start value: what is narrower is no Gaussian, and its square would overflow. */
const NARROWEST = 1e-6;
/** Sigma in lengths of the axis: the way to a parabola or a straight line, which has no end. */
const WIDEST = 5;
/** In sigma: beyond, the bell is less than rounding. */
const FAR = 8.6;

/** Cost, gradient (4), and upper triangle of the normal matrix by rows (10). */
type Moment = Float64Array;
const COST = 0;
const GRADIENT = 1;
const NORMAL = 5;

/**
 * Minimises the sum of squares from `start` on; null if that does not converge. x goes from 0 to 1,
 * and so does about y; the sigma of the start is positive.
 */
export function minimise(x: Float64Array, y: Float64Array, start: Parameters): Minimum | null {
  let parameters = start;
  let here: Moment = new Float64Array(15);
  let there: Moment = new Float64Array(15);
  const factor = new Float64Array(10);
  evaluate(x, y, parameters, here);
  let damping = 1e-3;
  let slow = 0;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const cost = here[COST]!;
    if (cost <= EXACT * x.length) return finish(x.length, parameters, here);
    const step = decompose(here, damping, factor) ? solve(here, factor) : null;
    const trial = step && (parameters.map((value, at) => value + step[at]!) as Parameters);
    if (step && trial && Math.abs(trial[3]) > NARROWEST * start[3]) {
      evaluate(x, y, trial, there);
      if (there[COST]! <= cost) {
        const settled = isSmall(step, trial);
        const gained = (cost - there[COST]!) / cost;
        parameters = trial;
        [here, there] = [there, here];
        if (settled || (gained < SMALLEST_CHANGE && isStationary(here))) return finish(x.length, parameters, here);
        slow = gained < SLOW ? slow + 1 : 0;
        if (slow > MOST_SLOW_STEPS || Math.abs(parameters[3]) > WIDEST) return null;
        damping = Math.max(damping / 10, 1e-15);
        continue;
      }
    }
    damping *= 10;
    if (damping > LARGEST_DAMPING) return isStationary(here) ? finish(x.length, parameters, here) : null;
  }
  return null;
}

function isSmall(step: Parameters, at: Parameters): boolean {
  const [offset, amplitude, mean, sigma] = step;
  return (
    Math.abs(offset) + Math.abs(amplitude) <= SMALLEST_STEP * (Math.abs(at[0]) + Math.abs(at[1]))
    && Math.abs(mean) + Math.abs(sigma) <= SMALLEST_STEP * Math.abs(at[3])
  );
}

function isStationary(moment: Moment): boolean {
  for (let at = 0; at < 4; at++) {
    const length = Math.sqrt(moment[diagonal(at)]! * moment[COST]!);
    if (Math.abs(moment[GRADIENT + at]!) > SMALLEST_GRADIENT * length) return false;
  }
  return true;
}

function finish(points: number, parameters: Parameters, moment: Moment): Minimum {
  const cost = moment[COST]!;
  const factor = new Float64Array(10);
  const determined = points > 4 && decompose(moment, 0, factor);
  const errors = determined ? (inverseDiagonal(moment, factor).map(deviation) as Parameters) : null;
  return { parameters, cost, errors: errors?.every(Number.isFinite) ? errors : null };

  function deviation(variance: number): number {
    return Math.sqrt((variance * cost) / (points - 4));
  }
}

/** One pass over the points: sums of the squared residuals and of the products of the derivatives. */
function evaluate(x: Float64Array, y: Float64Array, parameters: Parameters, into: Moment): void {
  const [offset, amplitude, mean, sigma] = parameters;
  const inverse = 1 / sigma;
  const slope = amplitude * inverse;
  let [cost, g0, g1, g2, g3, n01, n02, n03, n11, n12, n13, n22, n23, n33] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let at = 0; at < x.length; at++) {
    const distance = (x[at]! - mean) * inverse;
    const above = offset - y[at]!;
    if (distance > FAR || distance < -FAR) {
      cost += above * above;
      g0 += above;
      continue;
    }
    const bell = Math.exp(-0.5 * distance * distance);
    const residual = above + amplitude * bell;
    const d2 = slope * bell * distance;
    const d3 = d2 * distance;
    cost += residual * residual;
    g0 += residual;
    g1 += residual * bell;
    g2 += residual * d2;
    g3 += residual * d3;
    n01 += bell;
    n02 += d2;
    n03 += d3;
    n11 += bell * bell;
    n12 += bell * d2;
    n13 += bell * d3;
    n22 += d2 * d2;
    n23 += d2 * d3;
    n33 += d3 * d3;
  }
  into[COST] = cost;
  into[GRADIENT] = g0;
  into[GRADIENT + 1] = g1;
  into[GRADIENT + 2] = g2;
  into[GRADIENT + 3] = g3;
  into[NORMAL] = x.length;
  into[NORMAL + 1] = n01;
  into[NORMAL + 2] = n02;
  into[NORMAL + 3] = n03;
  into[NORMAL + 4] = n11;
  into[NORMAL + 5] = n12;
  into[NORMAL + 6] = n13;
  into[NORMAL + 7] = n22;
  into[NORMAL + 8] = n23;
  into[NORMAL + 9] = n33;
}

/** Place of an element of a symmetric matrix whose upper triangle is stored by rows. */
function place(row: number, column: number): number {
  const [low, high] = row < column ? [row, column] : [column, row];
  return low * 4 - (low * (low - 1)) / 2 + high - low;
}

function diagonal(at: number): number {
  return NORMAL + place(at, at);
}

/**
 * Cholesky factor of the normal matrix, scaled to a diagonal of ones, plus `damping` on it; the upper triangle, by
 * rows. False if there is none, because a parameter has no influence.
 */
function decompose(moment: Moment, damping: number, factor: Float64Array): boolean {
  for (let row = 0; row < 4; row++) {
    for (let column = row; column < 4; column++) {
      const scale = Math.sqrt(moment[diagonal(row)]! * moment[diagonal(column)]!);
      let value = row === column ? 1 + damping : moment[NORMAL + place(row, column)]! / scale;
      for (let above = 0; above < row; above++) value -= factor[place(above, row)]! * factor[place(above, column)]!;
      if (row !== column) factor[place(row, column)] = value / factor[place(row, row)]!;
      else if (value > 4 * Number.EPSILON && scale > 0) factor[place(row, row)] = Math.sqrt(value);
      else return false;
    }
  }
  return true;
}

/** Solves normal matrix * step = right for the scaled matrix in place. */
function substitute(factor: Float64Array, right: number[]): number[] {
  for (let row = 0; row < 4; row++) {
    for (let above = 0; above < row; above++) right[row]! -= factor[place(above, row)]! * right[above]!;
    right[row]! /= factor[place(row, row)]!;
  }
  for (let row = 3; row >= 0; row--) {
    for (let below = row + 1; below < 4; below++) right[row]! -= factor[place(row, below)]! * right[below]!;
    right[row]! /= factor[place(row, row)]!;
  }
  return right;
}

function solve(moment: Moment, factor: Float64Array): Parameters {
  const scales = [0, 1, 2, 3].map((at) => Math.sqrt(moment[diagonal(at)]!));
  const step = substitute(factor, scales.map((scale, at) => -moment[GRADIENT + at]! / scale));
  return step.map((value, at) => value / scales[at]!) as Parameters;
}

function inverseDiagonal(moment: Moment, factor: Float64Array): Parameters {
  const variances = [0, 1, 2, 3].map((at) => {
    const unit = [0, 0, 0, 0];
    unit[at] = 1;
    return substitute(factor, unit)[at]! / moment[diagonal(at)]!;
  });
  return variances as Parameters;
}
