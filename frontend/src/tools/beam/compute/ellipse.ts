import type { Orientation } from "../../../contract";

/** Sums of light, and of light times lengths to the right (x) and downwards (y). */
export interface LightSums {
  total: number;
  x: number;
  y: number;
  xx: number;
  xy: number;
  yy: number;
}

/** Centroid and central second moments of light, in lengths to the right and downwards. */
export interface Spread {
  total: number;
  x: number;
  y: number;
  xx: number;
  xy: number;
  yy: number;
}

/** A spread along its principal axes. */
export interface Principal {
  x: number;
  y: number;
  /** direction of the major axis: to the right (never negative) and downwards, of length 1 */
  right: number;
  down: number;
  /** variances along the axes, major >= minor; the minor one is not positive where noise outweighs the light */
  major: number;
  minor: number;
}

/** Null where there is no light: the total is not positive or not finite. */
export function spreadOf(sums: LightSums): Spread | null {
  const { total } = sums;
  if (!(total > 0)) return null;
  const x = sums.x / total;
  const y = sums.y / total;
  const found = {
    total,
    x,
    y,
    xx: sums.xx / total - x * x,
    xy: sums.xy / total - x * y,
    yy: sums.yy / total - y * y,
  };
  return Number.isFinite(found.xx + found.xy + found.yy + x + y + total) ? found : null;
}

/**
 * Principal axes (ISO 11146-1): the angle is atan2(2 xy, xx - yy) / 2, the variances are
 * (xx + yy) / 2 +- sqrt(((xx - yy) / 2)^2 + xy^2).
 */
export function principalOf({ x, y, xx, xy, yy }: Spread): Principal {
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const half = (xx + yy) / 2;
  const apart = Math.hypot((xx - yy) / 2, xy);
  return { x, y, right: Math.max(Math.cos(angle), 0), down: Math.sin(angle), major: half + apart, minor: half - apart };
}

/** D4-sigma diameter of a variance. */
export function diameterOf(variance: number): number {
  return 4 * Math.sqrt(variance);
}

/** The angle from the horizontal to the major axis in degrees, counter-clockwise: -90 < tilt <= 90. */
export function tiltOf({ right, down }: Principal): number {
  return wrapped((Math.atan2(-down, right) * 180) / Math.PI);
}

/** What a tilt of the image as it was sent becomes when that is shown turned or mirrored. */
export function shownTilt(tilt: number, { transpose, mirrorX, mirrorY }: Orientation): number {
  // Each mirror turns the sign; to swap rows and columns is to mirror at the falling diagonal, which is at -45 degrees.
  const mirrored = mirrorX !== mirrorY ? -tilt : tilt;
  return wrapped(transpose ? -90 - mirrored : mirrored);
}

/** An axis has no ends: -90 < angle <= 90. */
function wrapped(degrees: number): number {
  const turned = degrees % 180;
  if (turned > 90) return turned - 180;
  return turned <= -90 ? turned + 180 : turned + 0;
}
