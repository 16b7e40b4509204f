/** The 2-D beam fit: second moments by ISO 11146, and Gaussian fits along the principal axes. */

import type { Tool } from "../tool";

export const beam: Tool = {
  name: "beam",
  icon: "beamFit",
  label: "2-D beam fit",
  key: "Shift+B",
};
