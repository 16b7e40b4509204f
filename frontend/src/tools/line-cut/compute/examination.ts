/** The values along the line. */

import { isSoundLine } from "../../../analysis/spans";
import type { Examination } from "../../examination";
import { whyNoPixels } from "../../missing";
import { lineCut } from "./line-cut";
import { wideLine } from "./wide-line";

const MOST_WIDTH = 1000;

export function examineLine(): Examination {
  return {
    ofPixels({ numbers, wide, place }, _sample, { line: wanted }) {
      if (wanted === null || !isSoundLine(wanted) || wanted.width > MOST_WIDTH) return {};
      const line: ReturnType<typeof lineCut> & { exact?: (bigint | null)[]; rounded?: boolean } = lineCut(
        wanted,
        numbers,
        place.width,
        place.height,
        place,
      );
      if (wide !== null && wanted.width <= 1) line.exact = wideLine(wanted, wide, place.width, place.height, place);
      else if (wide !== null) line.rounded = true;
      return { results: { line } };
    },
    ofPreview: (_sums, { format }, { line }) => (line !== null ? { missing: whyNoPixels(format) } : {}),
  };
}
