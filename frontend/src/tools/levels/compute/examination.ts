/** The histogram beside the colour bar. */

import { isInteger } from "../../../protocol/dtypes";
import type { Examination } from "../../examination";
import { histogram } from "./histogram";

const BINS = 256;

export function examineValues(): Examination {
  let counts: Float64Array | undefined;
  return {
    ofPixels({ numbers, range, dtype }, _sample, wish) {
      if (!wish.histogram || range === null) return {};
      const counted = histogram(numbers, range, isInteger(dtype), BINS, counts);
      counts = counted.counts;
      return { results: { histogram: counted } };
    },
    ofPreview({ profiles }, _sample, wish) {
      if (!wish.histogram) return {};
      const sent = profiles?.histogram ?? null;
      if (sent === null) return { missing: "The server sent no histogram." };
      return { results: { histogram: { counts: sent.counts.values, low: sent.low, width: sent.width } } };
    },
  };
}
