import { diameterOf, type Principal, tiltOf } from "./ellipse";
import { ellipticityInfluence, type Influence, tiltInfluence } from "./errors";
import { indexAt, type Lengths } from "./lengths";
import type { BeamNumbers, Measured } from "./result";
import type { Settled } from "./settle";

/** By ISO 11146-1 a beam is circular above this ellipticity. */
const CIRCULAR = 0.87;
/** Degrees: a tilt that is less certain is none. */
const MOST_TILT_ERROR = 30;

/** The numbers of a beam; `first` has the indices of the region's first pixel in the image. */
export function numbersOf(
  { spread, axes, noise }: Settled,
  x: Lengths,
  y: Lengths,
  first: { column: number; row: number },
): BeamNumbers {
  const { right, down, major, minor } = axes;
  const measured = (value: number, influence: Influence, scale = 1): Measured => {
    const error = noise.of(influence);
    return { value, error: error === null ? null : error * scale };
  };
  const diameter = (alongX: number, alongY: number, variance: number): Measured => ({
    value: diameterOf(variance),
    error: noise.ofDiameter(alongX, alongY, variance),
  });
  const ellipticity = Math.sqrt(minor / major);
  const half = (variance: number, alongX: number, alongY: number): [number, number] => {
    const length = diameterOf(variance) / 2;
    return [(length * alongX) / x.pitch, (length * alongY) / y.pitch];
  };
  return {
    centre: {
      x: measured(x.origin + x.direction * spread.x, { x: 1 }),
      y: measured(y.origin + y.direction * spread.y, { y: 1 }),
    },
    major: diameter(right, down, major),
    minor: diameter(-down, right, minor),
    ellipticity: measured(ellipticity, ellipticityInfluence(axes)),
    circular: ellipticity > CIRCULAR,
    tilt: tiltFrom(axes, measured),
    along: { x: diameter(1, 0, spread.xx), y: diameter(0, 1, spread.yy) },
    total: measured(spread.total, { one: 1 }, spread.total),
    outline: {
      middle: [first.column + indexAt(x, spread.x), first.row + indexAt(y, spread.y)],
      major: half(major, right, down),
      minor: half(minor, -down, right),
    },
  };
}

function tiltFrom(
  axes: Principal,
  measured: (value: number, influence: Influence, scale: number) => Measured,
): Measured | null {
  // Equal but for rounding: any direction is a principal axis.
  if (!(axes.major - axes.minor > 1e-9 * axes.major)) return null;
  const tilt = measured(tiltOf(axes), tiltInfluence(axes), 180 / Math.PI);
  return tilt.error !== null && tilt.error > MOST_TILT_ERROR ? null : tilt;
}
