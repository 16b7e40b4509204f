import type { AnalysisWish, Axis } from "../contract";
import type { Settings } from "./settings";

export const PIXEL_AXES: AnalysisWish["axes"] = { x: { kind: "pixel" }, y: { kind: "pixel" } };

/**
 * What the worker has to compute for a page that is set like this.
 *
 * @param axes positions of the pixels of the source's image
 * @param histogramOpen whether somebody sees a histogram
 */
export function wishOf(settings: Settings, axes: { x: Axis; y: Axis }, histogramOpen: boolean): AnalysisWish {
  const { projections, rois, roi, line, colours: { levels } } = settings;
  const known = (id: number | null) => (rois.some((region) => region.id === id) ? id : null);
  return {
    histogram: histogramOpen,
    projections: projections.on
      ? { roi: known(projections.roi), baseline: projections.baseline, fit: projections.fit }
      : null,
    rois,
    levelsRoi: levels.mode === "auto" && levels.of === "roi" ? known(roi) : null,
    line,
    axes,
  };
}

/** Whether anything of it has to be computed. */
export function wantsAnalysis({ histogram, projections, rois, line }: AnalysisWish): boolean {
  return histogram || projections !== null || rois.length > 0 || line !== null;
}
