/**
 * Levenberg-Marquardt for offset + amplitude * exp(-(x - mean)^2 / (2 sigma^2)) with a bound on the length of a step:
 * J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", 1978. It is the method of scipy's
 * `curve_fit`; where a profile has spikes, another way of choosing steps ends in another minimum.
 */

export type Parameters = [offset: number, amplitude: number, mean: number, sigma: number];

export interface Minimum {
  /** false: the steps came to no end, and the parameters are those of the last one */
  converged: boolean;
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
/** Length of the first step, at most, in lengths of the start values. */
const FIRST_RADIUS = 100;
/** A step may be longer than its bound by this part, and a search for the right damping ends after so many trials. */
const SLACK = 0.1;
const MOST_DAMPINGS = 40;
/** Mean square that is nothing but rounding, for values from 0 to 1. */
const EXACT = 1e-24;
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
 * Minimises the sum of squares from `start` on. x goes from 0 to 1, and so does about y; the sigma of the start is
 * positive.
 */
export function minimise(x: Float64Array, y: Float64Array, start: Parameters): Minimum {
  let parameters = start;
  let here: Moment = new Float64Array(15);
  let there: Moment = new Float64Array(15);
  const factor = new Float64Array(10);
  const scales = new Float64Array(4);
  evaluate(x, y, parameters, here);
  let radius = 0;
  let slow = 0;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const cost = here[COST]!;
    if (cost <= EXACT * x.length) return finish(x.length, parameters, here, true);
    rescale(here, scales);
    if (steps === 0) radius = FIRST_RADIUS * lengthOf(parameters, scales);
    const { step, damping } = boundedStep(here, scales, radius, factor);
    const length = lengthOf(step, scales);
    if (steps === 0) radius = Math.min(radius, length);
    const trial = parameters.map((value, at) => value + step[at]!) as Parameters;
    const predicted = predictedGain(here, scales, step, damping);
    let gained = -Infinity;
    if (Math.abs(trial[3]) > NARROWEST * start[3]) {
      evaluate(x, y, trial, there);
      gained = cost - there[COST]!;
    }
    const ratio = predicted > 0 && Number.isFinite(gained) ? gained / predicted : -1;
    if (ratio <= 0.25) radius = Math.min(radius, 10 * length) * (gained >= 0 ? 0.5 : 0.1);
    else if (damping === 0 || ratio >= 0.75) radius = 2 * length;
    const settled = isSmall(step, trial);
    if (gained >= 0) {
      parameters = trial;
      [here, there] = [there, here];
      const part = gained / cost;
      if (settled || (part < SMALLEST_CHANGE && isStationary(here))) return finish(x.length, parameters, here, true);
      slow = part < SLOW ? slow + 1 : 0;
      if (slow > MOST_SLOW_STEPS || Math.abs(parameters[3]) > WIDEST) break;
    } else if (settled || predicted <= SMALLEST_CHANGE * cost) {
      // Nothing lowers the sum any more: this is the minimum, as far as rounding allows, if the step to it is as small.
      return finish(x.length, parameters, here, (settled && damping === 0) || isStationary(here));
    }
  }
  return finish(x.length, parameters, here, false);
}

/** Lengths of the derivatives, the longest so far: the scale in which steps are measured. */
function rescale(moment: Moment, scales: Float64Array): void {
  for (let at = 0; at < 4; at++) scales[at] = Math.max(scales[at]!, Math.sqrt(moment[diagonal(at)]!));
  for (let at = 0; at < 4; at++) if (scales[at] === 0) scales[at] = 1;
}

function lengthOf(parameters: Parameters, scales: Float64Array): number {
  return Math.hypot(...parameters.map((value, at) => value * scales[at]!));
}

/** The step of least squares that is no longer than `radius`, and the damping that makes it so short. */
function boundedStep(
  moment: Moment,
  scales: Float64Array,
  radius: number,
  factor: Float64Array,
): { step: Parameters; damping: number } {
  if (decompose(moment, 0, factor, scales)) {
    const step = solve(moment, factor, scales);
    if (lengthOf(step, scales) <= (1 + SLACK) * radius) return { step, damping: 0 };
  }
  let low = 0;
  let high = Math.hypot(...[0, 1, 2, 3].map((at) => moment[GRADIENT + at]! / scales[at]!)) / radius;
  let damping = high;
  let step: Parameters = [0, 0, 0, 0];
  for (let trials = 0; trials < MOST_DAMPINGS; trials++) {
    const sound = decompose(moment, damping, factor, scales);
    if (sound) step = solve(moment, factor, scales);
    const length = sound ? lengthOf(step, scales) : Infinity;
    if (Math.abs(length - radius) <= SLACK * radius) break;
    if (length > radius) low = damping;
    else high = damping;
    damping = low > 0 ? Math.sqrt(low * high) : high / 10;
  }
  return { step, damping };
}

/** By how much the sum of squares would fall if the function were straight. */
function predictedGain(moment: Moment, scales: Float64Array, step: Parameters, damping: number): number {
  let straight = 0;
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++)
      straight += step[row]! * step[column]! * moment[NORMAL + place(row, column)]!;
  }
  return straight + 2 * damping * lengthOf(step, scales) ** 2;
}

function isSmall(step: Parameters, at: Parameters): boolean {
  const [offset, amplitude, mean, sigma] = step;
  return (
    Math.abs(offset) + Math.abs(amplitude) <= SMALLEST_STEP * (Math.abs(at[0]) + Math.abs(at[1])) &&
    Math.abs(mean) + Math.abs(sigma) <= SMALLEST_STEP * Math.abs(at[3])
  );
}

function isStationary(moment: Moment): boolean {
  for (let at = 0; at < 4; at++) {
    const length = Math.sqrt(moment[diagonal(at)]! * moment[COST]!);
    if (Math.abs(moment[GRADIENT + at]!) > SMALLEST_GRADIENT * length) return false;
  }
  return true;
}

function finish(points: number, parameters: Parameters, moment: Moment, converged: boolean): Minimum {
  const cost = moment[COST]!;
  const factor = new Float64Array(10);
  const scales = new Float64Array(4);
  rescale(moment, scales);
  const determined = points > 4 && decompose(moment, 0, factor, scales);
  const errors = determined ? (inverseDiagonal(factor, scales).map(deviation) as Parameters) : null;
  return { converged, parameters, cost, errors: errors?.every(Number.isFinite) ? errors : null };

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
 * Cholesky factor of the normal matrix, scaled, plus `damping` on its diagonal; the upper triangle, by rows. False if
 * there is none, because a parameter has no influence.
 */
function decompose(moment: Moment, damping: number, factor: Float64Array, scales: Float64Array): boolean {
  for (let row = 0; row < 4; row++) {
    for (let column = row; column < 4; column++) {
      let value = moment[NORMAL + place(row, column)]! / scales[row]! / scales[column]!;
      if (row === column) value += damping;
      for (let above = 0; above < row; above++) value -= factor[place(above, row)]! * factor[place(above, column)]!;
      if (row !== column) factor[place(row, column)] = value / factor[place(row, row)]!;
      else if (value > 4 * Number.EPSILON) factor[place(row, row)] = Math.sqrt(value);
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

function solve(moment: Moment, factor: Float64Array, scales: Float64Array): Parameters {
  const step = substitute(
    factor,
    [0, 1, 2, 3].map((at) => -moment[GRADIENT + at]! / scales[at]!),
  );
  return step.map((value, at) => value / scales[at]!) as Parameters;
}

function inverseDiagonal(factor: Float64Array, scales: Float64Array): Parameters {
  const variances = [0, 1, 2, 3].map((at) => {
    const unit = [0, 0, 0, 0];
    unit[at] = 1;
    return substitute(factor, unit)[at]! / scales[at]! ** 2;
  });
  return variances as Parameters;
}
