/** The 2-D beam fit: second moments by ISO 11146, and Gaussian fits along the principal axes. */

import { switchTool } from "../switch-tool";

export const beam = switchTool("beam", { group: "computed", icon: "beamFit", label: "2-D beam fit", key: "Shift+B" });
