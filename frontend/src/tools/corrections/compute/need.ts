import type { ProcessingWish } from "../../../contract";
import { EXACT_WHOLE, NO_NEED, type NeedOf } from "../../need";

export const NO_PROCESSING: ProcessingWish = {
  background: true,
  threshold: null,
  average: { mode: "off", frames: 1 },
};

/** All pixels, while something is done with them. */
export const correctionsNeed: NeedOf = ({ processing, background }) =>
  background === "taking" || processes(processing, background === "there") ? EXACT_WHOLE : NO_NEED;

/** Whether pixels are changed before they are drawn, with a background that is there or not. */
export function processes({ background, threshold, average }: ProcessingWish, haveBackground: boolean): boolean {
  return (background && haveBackground) || threshold !== null || average.mode !== "off";
}
