import type { AnalysisWish, RoiShape } from "../../../contract";
import { roiBox } from "../../../analysis/spans";
import { type NeedOf, needOfBoxes } from "../../need";

/** The pixels in the box around the line. */
export const lineNeed: NeedOf = ({ analysis }, { columns, rows }) => {
  const line = analysis?.line ?? null;
  return needOfBoxes(line === null ? [] : [roiBox(corners(line), columns, rows)]);
};

/** The area that a line as wide as that covers. */
function corners({ x0, y0, x1, y1, width }: NonNullable<AnalysisWish["line"]>): RoiShape {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const across = (Math.max(width, 1) - 1) / 2 / length;
  const [x, y] = [-(y1 - y0) * across, (x1 - x0) * across];
  return {
    kind: "polygon",
    points: [
      [x0 + x, y0 + y],
      [x1 + x, y1 + y],
      [x1 - x, y1 - y],
      [x0 - x, y0 - y],
    ],
  };
}
