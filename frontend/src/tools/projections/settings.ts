/** Whether the projections are shown, of what, and how they are computed. */

import type { Baseline } from "../../contract";
import type { Setting } from "../../ui/settings/setting";
import { regionNamed, writeRegion } from "../regions/settings";

export interface ProjectionSettings {
  on: boolean;
  /** of this region, null: of the image */
  roi: number | null;
  baseline: Baseline;
  fit: boolean;
}

const NO_PROJECTIONS: ProjectionSettings = { on: false, roi: null, baseline: "facility", fit: true };

const projections: Setting<ProjectionSettings> = {
  usual: NO_PROJECTIONS,
  read(parameters) {
    const baseline = parameters.get("baseline") ?? "";
    return {
      on: parameters.get("profiles") === "1",
      roi: regionNamed(parameters, "profiles-of"),
      baseline: isBaseline(baseline) ? baseline : NO_PROJECTIONS.baseline,
      fit: parameters.get("fit") !== "0",
    };
  },
  write({ on, roi: of, baseline, fit }, parameters, all) {
    if (on) parameters.set("profiles", "1");
    writeRegion(parameters, "profiles-of", of, all);
    if (baseline !== NO_PROJECTIONS.baseline) parameters.set("baseline", baseline);
    if (!fit) parameters.set("fit", "0");
  },
};

export const projectionSettings = { projections };

function isBaseline(text: string): text is Baseline {
  return text === "facility" || text === "none" || text === "minimum" || text === "border";
}
