/** What all tools need of the picture. The histogram is that of what was sent: it must not keep a viewer who zooms in from
 * the exact pixels of that part, and needs nothing. */

import { correctionsNeed } from "./corrections/compute/need";
import { lineNeed } from "./line-cut/compute/need";
import { EXACT_WHOLE, NO_NEED, type NeedOf } from "./need";
import { projectionsNeed } from "./projections/compute/need";
import { regionsNeed } from "./regions/compute/need";

const computedNeed: NeedOf = ({ analysis }) => (analysis !== null && analysis.tools.length > 0 ? EXACT_WHOLE : NO_NEED);

export const NEEDS: readonly NeedOf[] = [correctionsNeed, projectionsNeed, regionsNeed, lineNeed, computedNeed];
