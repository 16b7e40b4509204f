import type { ImageFormat, Region } from "../contract";
import { joined, type Need, needOfBoxes, NO_NEED, type Size, together, type Uses } from "../tools/need";
import { NEEDS } from "../tools/needs";
import { roiBox } from "../analysis/spans";

/** What is needed of an image of this size for all that is done with it; null: there is none that could be analysed. */
export function needOf(uses: Uses, size: Size | null): Need {
  if (size === null) return NO_NEED;
  const printed = uses.print === null ? NO_NEED : needOfBoxes([printedBox(uses.print, size)]);
  return NEEDS.map((need) => need(uses, size)).reduce(together, printed);
}

function printedBox([x, y, width, height]: Region, { columns, rows }: Size): Region {
  return roiBox({ kind: "rectangle", x, y, width, height }, columns, rows);
}

/** The format to ask for: a person's own choice is never changed. */
export function formatFor(chosen: ImageFormat, need: Need): ImageFormat {
  return chosen === "auto" && need.exact ? "exact" : chosen;
}

/** The part to ask for when `visible` is seen; null: all of the image. */
export function cropFor(visible: Region | null, { region }: Need): Region | null {
  if (visible === null || region === "whole") return null;
  return region === null ? visible : joined(visible, region);
}
