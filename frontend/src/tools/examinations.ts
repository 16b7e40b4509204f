/** What is computed of the pictures besides the tools that are switched on, in the order in which it is told what is missing. */

import type { Examination } from "./examination";
import { examineValues } from "./levels/compute/examination";
import { examineLine } from "./line-cut/compute/examination";
import { examineProjections } from "./projections/compute/examination";
import { examineRegions } from "./regions/compute/examination";

export const EXAMINATIONS: readonly (() => Examination)[] = [
  examineProjections,
  examineValues,
  examineRegions,
  examineLine,
];
