import { NO_NEED, type NeedOf } from "../../need";

/** Projections of the image come with previews and can be computed of whole images, but not of a part; a region is among the regions. */
export const projectionsNeed: NeedOf = ({ analysis }) =>
  analysis?.projections?.roi === null ? { exact: false, region: "whole" } : NO_NEED;
