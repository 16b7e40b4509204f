/** All tools with buttons beside the picture, in the order of these. */

import { axes } from "./axes";
import { beam } from "./beam";
import { lineCut } from "./line-cut";
import { markers } from "./markers";
import { projections } from "./projections";
import { regions } from "./regions";
import { reticle } from "./reticle";
import { ruler } from "./ruler";
import type { Tool } from "./tool";

export const TOOLS: readonly Tool[] = [markers, ruler, lineCut, regions, projections, axes, reticle, beam];
