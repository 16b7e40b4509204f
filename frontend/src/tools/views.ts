/** The view of each tool, loaded after the first picture, and of those that are computed while they are on, then. */

import { openCorrections } from "./corrections/view";
import { openLineCut } from "./line-cut/view";
import { openMarkers } from "./markers/view";
import { openProjections } from "./projections/view";
import { openRegions } from "./regions/view";
import type { ToolName } from "./results";
import { openReticle } from "./reticle/view";
import { openRuler } from "./ruler/view";
import { openSave } from "./save/view";
import { openStreamResults } from "./stream-results/view";
import { TOOL_NAMES } from "./switches";
import type { OpenTool, ToolParts } from "./tool";

type Open = (parts: ToolParts) => OpenTool;

const COMPUTED: { readonly [Name in ToolName]: () => Promise<Open> } = {
  beam: () => import("./beam/beam-tool").then(({ openBeam }) => openBeam),
};

/** A view that is loaded when its tool is switched on. */
export interface LateView {
  name: ToolName;
  load(): Promise<Open>;
}

/** In the order of what they say in the panel and on the picture. */
export const VIEWS: readonly (Open | LateView)[] = [
  openReticle,
  openMarkers,
  openRuler,
  openCorrections,
  openProjections,
  ...TOOL_NAMES.map((name) => ({ name, load: COMPUTED[name] })),
  openLineCut,
  openRegions,
  openStreamResults,
  openSave,
];
