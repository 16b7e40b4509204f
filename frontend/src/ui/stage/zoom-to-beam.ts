/** Where the light of the picture on screen is, from an analysis, its pixels or the server's sums. */

import { beamRegion } from "../../analysis/beam";
import { project } from "../../analysis/project";
import type { Analysis, Region } from "../../contract";
import type { ImageProfiles, PixelArray, Pixels } from "../console-api";

export interface BeamSources {
  /** of the picture on screen; null: there is none */
  analysis: Analysis | null;
  /** rejected where the picture on screen is not exact */
  pixels(): Promise<Pixels | null>;
  profiles(): Promise<ImageProfiles | null>;
}

/** The part to zoom to; null: no light stands out. */
export async function findBeam(sources: BeamSources): Promise<Region | null> {
  const known = sources.analysis?.projections ?? null;
  const inAnalysis = known === null ? null : shifted(beamRegion(known.x.values, known.y.values), known.region);
  if (inAnalysis !== null) return inAnalysis;
  // Of a preview there are no exact pixels, but the server's sums.
  const pixels = await sources.pixels().catch(() => null);
  if (pixels !== null) return inPixels(pixels);
  const profiles = await sources.profiles();
  return profiles === null || profiles.x === null || profiles.y === null
    ? null
    : beamRegion(profiles.x.values, profiles.y.values);
}

function inPixels({ data, shape, crop }: Pixels): Region | null {
  const [height, width, ...colours] = shape;
  if (height === undefined || width === undefined || colours.length > 0) return null;
  const sums = project(inNumbers(data), width, { x: 0, y: 0, width, height });
  return shifted(beamRegion(sums.x, sums.y), crop ?? [0, 0, width, height]);
}

function inNumbers(data: PixelArray): Exclude<PixelArray, BigInt64Array | BigUint64Array> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
}

function shifted(region: Region | null, within: Region): Region | null {
  return region === null ? null : [region[0] + within[0], region[1] + within[1], region[2], region[3]];
}
