/** Where the view of each tool is loaded from, when it is switched on. Not in `index.ts`: the first picture needs none. */

import type { ToolName } from "./results";
import type { OpenTool, ToolParts } from "./tool";

export type ToolViews = { readonly [Name in ToolName]: () => Promise<(parts: ToolParts) => OpenTool> };

export const VIEWS: ToolViews = {
  beam: () =>
    import("./beam/beam-tool").then(
      ({ BeamTool }) =>
        (parts) =>
          new BeamTool(parts),
    ),
};
