import type { AnalysisWish, Axis } from "../../contract";
import type { ToolName } from "../../tools/results";
import { TOOL_NAMES } from "../../tools/switches";
import type { Settings } from "../settings";

/** The settings that decide what is computed; of the levels only whether they are those of a region. */
export type AnalysisSettings = Pick<Settings, "projections" | "rois" | "roi" | "line" | ToolName> & {
  colours: Pick<Settings["colours"], "levels">;
};

/** What of the numbers somebody sees now. */
export interface Seen {
  histogram: boolean;
  /** the numbers of the regions */
  regions: boolean;
}

/**
 * What the worker has to compute for a page that is set like this. Regions need exact pixels, which may be dear: those
 * whose numbers nobody sees are left out, unless the projections or the levels are theirs.
 *
 * @param axes positions of the pixels of the source's image
 */
export function wishOf(settings: AnalysisSettings, axes: { x: Axis; y: Axis }, seen: Seen): AnalysisWish {
  const {
    projections,
    rois,
    roi,
    line,
    colours: { levels },
  } = settings;
  const known = (id: number | null) => (rois.some((region) => region.id === id) ? id : null);
  const projected = projections.on ? known(projections.roi) : null;
  const levelsRoi = levels.mode === "auto" && levels.of === "roi" ? known(roi) : null;
  return {
    histogram: seen.histogram,
    projections: projections.on ? { roi: projected, baseline: projections.baseline, fit: projections.fit } : null,
    rois: seen.regions ? rois : rois.filter(({ id }) => id === projected || id === levelsRoi),
    levelsRoi,
    line,
    tools: TOOL_NAMES.filter((name) => settings[name]),
    axes,
  };
}

/** Whether anything of it has to be computed. */
export function wantsAnalysis({ histogram, projections, rois, line, tools }: AnalysisWish): boolean {
  return histogram || projections !== null || rois.length > 0 || line !== null || tools.length > 0;
}
