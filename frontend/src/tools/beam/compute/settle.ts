import { type AxesBox, boxAround, pixelsIn } from "./box";
import type { Background } from "./background";
import { diameterOf, type Principal, principalOf, type Spread, spreadOf } from "./ellipse";
import { BackgroundNoise } from "./errors";
import type { Lengths } from "./lengths";
import type { Light } from "./light";
import type { NoBeam } from "./result";

/** ISO 11146: the box has so many diameters, and the steps end when nothing changes by more than a part in a hundred. */
const DIAMETERS = 3;
const SETTLED = 0.01;
const MOST_STEPS = 25;
/** After so many steps only half of each is gone: noise at the border of the box makes it go to and fro. */
const FREE_STEPS = 5;
/** After so many steps it is enough that nothing changes by more than the noise of the background does. */
const STRICT_STEPS = 10;
/** At the start only pixels count whose light is so many standard deviations of the background. */
const CLEAR = 3;
/** The light of a beam is so many standard deviations of what noise alone has in its box. */
const STANDS_OUT = 5;
/** rms width in distances of two pixels: below, only one pixel is bright, and nothing tells the width. */
const LEAST_RMS = 0.25;

const NOISE_ONLY: NoBeam = { state: "empty", reason: "No beam stands out of the noise." };
const DARK: NoBeam = {
  state: "unsettled",
  reason: "The moments do not settle: the noise around the beam outweighs it.",
};
const NARROW: NoBeam = { state: "unsettled", reason: "The beam is narrower than a pixel." };

/** Where the steps ended. */
export interface Settled {
  state: "settled";
  spread: Spread;
  axes: Principal;
  /** that the moments were taken in */
  box: AxesBox;
  noise: BackgroundNoise;
}

/**
 * Moments in a box along the principal axes, of three diameters around the centroid, which is made anew from them until
 * neither the diameters nor the place of the centroid change by more than 1 % of a diameter,
 * or after ten steps than by the noise. The first estimate has all
 * pixels whose light is three standard deviations of the background or more. If that box has more than `mostPixels`, only
 * each n-th row is used from then on.
 */
export function settle(
  light: Light,
  background: Background,
  x: Lengths,
  y: Lengths,
  mostPixels: number,
): Settled | NoBeam {
  const start = spreadOf(light.above(CLEAR * background.noise, background.everyRow));
  if (start === null) return { state: "empty", reason: "Nothing is brighter than the background." };
  light.every = Math.ceil(pixelsIn(boxAround(principalOf(start), DIAMETERS), light) / mostPixels);
  let from = start;
  let spread = start;
  for (let steps = 1; steps <= MOST_STEPS; steps++) {
    from = steps <= FREE_STEPS ? spread : between(from, spread);
    const before = principalOf(from);
    if (isNarrow(before, x, y)) return isNoise(before, light, background, x, y) ? NOISE_ONLY : NARROW;
    const box = boxAround(before, DIAMETERS);
    const next = spreadOf(light.inside(box));
    if (next === null) return NOISE_ONLY;
    spread = next;
    const axes = principalOf(spread);
    if (axes.minor > 0 && steps <= STRICT_STEPS && !isSettled(before, axes, null)) continue;
    const noise = new BackgroundNoise(box, light, spread, background);
    if (!standsOut(spread, noise)) return NOISE_ONLY;
    if (isNarrow(axes, x, y)) return axes.minor > 0 ? NARROW : DARK;
    if (isSettled(before, axes, noise)) return { state: "settled", spread, axes, box, noise };
  }
  return { state: "unsettled", reason: `The moments do not settle within ${MOST_STEPS} steps.` };
}

/** Whether nothing changes by more than 1 % of a diameter or, if it is given, than by the noise. */
function isSettled(before: Principal, now: Principal, noise: BackgroundNoise | null): boolean {
  const isNear = (variance: number, was: number, right: number, down: number): boolean => {
    const by = noise?.ofDiameter(right, down, variance) ?? 0;
    return Math.abs(diameterOf(variance) - diameterOf(was)) <= Math.max(SETTLED * diameterOf(was), by);
  };
  const { right, down } = now;
  const by = Math.hypot(noise?.of({ x: 1 }) ?? 0, noise?.of({ y: 1 }) ?? 0);
  return (
    isNear(now.major, before.major, right, down) &&
    isNear(now.minor, before.minor, -down, right) &&
    Math.hypot(now.x - before.x, now.y - before.y) <= Math.max(SETTLED * diameterOf(before.minor), by)
  );
}

/** With the means of the moments of both. */
function between(one: Spread, other: Spread): Spread {
  return {
    total: other.total,
    x: (one.x + other.x) / 2,
    y: (one.y + other.y) / 2,
    xx: (one.xx + other.xx) / 2,
    xy: (one.xy + other.xy) / 2,
    yy: (one.yy + other.yy) / 2,
  };
}

function isNarrow(axes: Principal, x: Lengths, y: Lengths): boolean {
  return !(axes.minor > leastVariance(axes, x, y));
}

function leastVariance({ right, down }: Principal, x: Lengths, y: Lengths): number {
  return (LEAST_RMS * Math.max(x.pitch * Math.abs(down), y.pitch * right)) ** 2;
}

/** Whether a few pixels that are too narrow for a beam are nothing but noise, rather than a line or a defect. */
function isNoise(axes: Principal, light: Light, background: Background, x: Lengths, y: Lengths): boolean {
  const least = leastVariance(axes, x, y);
  const box = boxAround({ ...axes, major: Math.max(axes.major, least), minor: least }, DIAMETERS);
  const spread = spreadOf(light.inside(box));
  return spread === null || !standsOut(spread, new BackgroundNoise(box, light, spread, background));
}

function standsOut({ total }: Spread, noise: BackgroundNoise): boolean {
  return (noise.of({ one: 1 }) ?? 0) * STANDS_OUT < 1 && total > 0;
}
