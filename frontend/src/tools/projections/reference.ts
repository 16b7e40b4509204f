/** A picture's results that were kept to compare later ones with. Pure. */

import type { Analysis, Projection, Pulse, Region } from "../../contract";
import { axisUnit } from "../../analysis/axis";
import type { Axes } from "../../ui/stage/measure";

export interface Reference {
  channel: string;
  pulse: Pulse;
  /** when it was kept, ms since 1970 */
  keptAt: number;
  region: Region;
  axes: Axes;
  x: Projection;
  y: Projection;
}

/** What differs: now minus the reference, in the unit of the axis; null where one of the two has no such number. */
export interface Difference {
  mean: number | null;
  sigma: number | null;
  com: number | null;
  rms: number | null;
}

/** Keeps the results of a picture; null if it has none. The arrays are never changed by anybody, so they are shared. */
export function keepReference(analysis: Analysis, axes: Axes, keptAt: number): Reference | null {
  const { projections, channel, pulse } = analysis;
  if (projections === null) return null;
  return { channel, pulse, keptAt, region: projections.region, axes, x: projections.x, y: projections.y };
}

/** Why results are not compared with the reference, in words for the user; null: they are. */
export function incomparable(reference: Reference, channel: string, axes: Axes): string | null {
  if (reference.channel !== channel) return `it is of another image, ${reference.channel}`;
  if (axisUnit(reference.axes.x) !== axisUnit(axes.x) || axisUnit(reference.axes.y) !== axisUnit(axes.y))
    return "its axes have other units";
  return null;
}

export function difference(now: Projection, reference: Projection): Difference {
  const fits = now.fit?.state === "converged" && reference.fit?.state === "converged";
  return {
    mean: fits ? minus(now.fit?.mean, reference.fit?.mean) : null,
    sigma: fits ? minus(now.fit?.sigma, reference.fit?.sigma) : null,
    com: minus(now.moments.com, reference.moments.com),
    rms: minus(now.moments.rms, reference.moments.rms),
  };
}

function minus(now: number | null | undefined, before: number | null | undefined): number | null {
  return typeof now === "number" && typeof before === "number" ? now - before : null;
}
