/** Background, threshold and average: their card in the panel, and their signs on the picture. */

import type { OpenTool, ToolParts } from "../tool";
import { ProcessingBadge } from "./processing-badge";
import { ProcessingPanel } from "./processing-panel";

export function openCorrections({ model, settings, worker }: ToolParts): OpenTool {
  const badge = new ProcessingBadge();
  const panel = new ProcessingPanel(model, settings, worker);
  let before = model.processing;
  return {
    card: { page: "correct", element: panel.element },
    sign: badge.element,
    refresh() {
      const { processing, shown } = model;
      if (processing !== before) panel.told(processing, before);
      before = processing;
      badge.update(processing, shown !== null);
    },
    update(beside) {
      if (!beside) panel.update();
    },
  };
}
