/** The numbers of the regions of interest. */

import { isSoundLine } from "../../../analysis/spans";
import type { Examination } from "../../examination";
import { WAITING_FOR_ALL, whyNoPixels } from "../../missing";
import { roiStatistics } from "./regions";
import { wideRegion } from "./wide-region";

export function examineRegions(): Examination {
  return {
    ofPixels({ numbers, wide, place }, _sample, { rois: wanted, axes }) {
      if (wanted.length === 0) return {};
      const rois = wanted
        .filter(({ shape }) => shape.kind !== "line" || isSoundLine(shape))
        .map((roi) => {
          const statistics = roiStatistics(roi, numbers, place.width, place.height, place, place, axes);
          const exact = wide === null ? null : wideRegion(roi.shape, wide, place.width, place.height, place, place);
          if (exact === null) return statistics;
          const { sigma, ...whole } = exact;
          return { ...statistics, sigma, exact: whole };
        });
      return { results: { rois }, missing: rois.some((roi) => roi.missing > 0) ? WAITING_FOR_ALL : null };
    },
    ofPreview: (_sums, { format }, { rois }) => (rois.length > 0 ? { missing: whyNoPixels(format) } : {}),
  };
}
