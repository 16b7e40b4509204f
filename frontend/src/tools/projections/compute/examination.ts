/** Projections of the image or of a region's box, with moments and fits. */

import { axisValues } from "../../../analysis/axis";
import { gaussMark, gaussOf } from "../../../analysis/gauss";
import { type Box, project, type Sums } from "../../../analysis/project";
import type { NumberArray } from "../../../analysis/statistics";
import type { Analysis, AnalysisWish, Axis, Projection, Region } from "../../../contract";
import { type Examination, holds } from "../../examination";
import { WAITING_FOR_ALL, whyNoPixels } from "../../missing";
import { roiBox } from "../../../analysis/spans";
import { applyBaseline } from "./baseline";
import { facilityMoments, moments } from "./moments";

type Wish = NonNullable<AnalysisWish["projections"]>;
type Projections = NonNullable<Analysis["projections"]>;

const GONE = "The region of the projections is gone.";
const OUTSIDE = "The region of the projections lies beside the image.";

export function examineProjections(): Examination {
  let sums: Sums | undefined;
  return {
    ofPixels({ numbers, sent, place }, { saturation }, { projections: wish, rois, axes }) {
      if (wish === null) return {};
      const { columns, rows } = place;
      const shape = rois.find(({ id }) => id === wish.roi)?.shape;
      if (wish.roi !== null && shape === undefined) return { missing: GONE };
      const region: Region = shape === undefined ? [0, 0, columns, rows] : roiBox(shape, columns, rows);
      if (region[2] === 0 || region[3] === 0) return { missing: OUTSIDE };
      if (!holds(place, region)) return { missing: WAITING_FOR_ALL };
      const box = { x: region[0] - place.x, y: region[1] - place.y, width: region[2], height: region[3] };
      sums = project(numbers, place.width, box, sums);
      const saturated =
        saturation !== null &&
        (sent === numbers ? sums.max >= saturation : reaches(sent, place.width, box, saturation));
      return { results: { projections: projectionsOf(region, sums.x, sums.y, wish, axes, saturated) } };
    },
    ofPreview({ columns, rows, profiles, saturated }, { format }, { projections: wish, axes }) {
      if (wish === null) return {};
      if (wish.roi !== null) return { missing: whyNoPixels(format) };
      const [x, y] = [profiles?.x?.values, profiles?.y?.values];
      if (x?.length !== columns || y?.length !== rows) return { missing: "The server sent no sums." };
      return { results: { projections: projectionsOf([0, 0, columns, rows], x, y, wish, axes, saturated) } };
    },
  };
}

/** Takes the baseline from the sums `x` and `y` of a region, in place, and computes what is wanted of them. */
function projectionsOf(
  region: Region,
  x: Float64Array,
  y: Float64Array,
  wish: Wish,
  axes: AnalysisWish["axes"],
  saturated: boolean,
): Projections {
  const along = (values: Float64Array, first: number, axis: Axis): Projection => {
    const baseline = applyBaseline(values, wish.baseline);
    const positions = axisValues(axis, first, values.length);
    const facility = wish.baseline === "facility";
    const { fit, peak } = wish.fit || facility ? gaussOf(values, positions) : { fit: null, peak: null };
    return {
      first,
      values,
      baseline,
      offset: facility && peak !== null ? { value: peak.offset, fitted: peak.converged } : null,
      moments: facility ? facilityMoments(values, positions, peak) : moments(values, positions),
      fit: fit === null || !wish.fit ? null : { ...fit, mark: gaussMark(values, fit, positions, saturated) },
    };
  };
  return { region, x: along(x, region[0], axes.x), y: along(y, region[1], axes.y) };
}

function reaches(pixels: NumberArray, columns: number, { x, y, width, height }: Box, level: number): boolean {
  for (let row = y; row < y + height; row++) {
    const start = row * columns + x;
    for (let at = start; at < start + width; at++) if (pixels[at]! >= level) return true;
  }
  return false;
}
