/** Projections and their fits: over the picture, in the panel, and the essentials on the picture. */

import type { OpenTool, ToolParts } from "../tool";
import { ProjectionLayer } from "./projection-layer";
import { ProjectionPanel } from "./projection-panel";
import { ResultBox } from "./result-box";

export function openProjections({ model, settings, overlay, scales }: ToolParts): OpenTool {
  const redraw = (): void => overlay.invalidate();
  const box = new ResultBox();
  const panel = new ProjectionPanel(model, settings, redraw);
  overlay.add(new ProjectionLayer(model, settings, scales));
  settings.watch(["projections"], redraw);
  return {
    card: { page: "analysis", element: panel.element },
    note: box.element,
    draw(before) {
      if (model.analysis?.projections || before?.projections) redraw();
    },
    update(beside) {
      box.update(model, settings.now.projections.on && beside);
      if (!beside) panel.update();
    },
  };
}
