import { type NeedOf, needOfBoxes } from "../../need";
import { roiBox } from "../../../analysis/spans";

/** The pixels in the boxes around the regions, those of projections and levels among them. */
export const regionsNeed: NeedOf = ({ analysis }, { columns, rows }) =>
  needOfBoxes((analysis?.rois ?? []).map(({ shape }) => roiBox(shape, columns, rows)));
