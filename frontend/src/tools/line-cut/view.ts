/** The values along a line: the line over the picture, their plot below it, and a switch in the panel. */

import { visiblePart } from "../../ui/stage/shape-handles";
import type { OpenTool, ToolParts } from "../tool";
import { LineLayer } from "./line-layer";
import { LinePanel } from "./line-panel";

export function openLineCut({ model, settings, stage, overlay, hands }: ToolParts): OpenTool {
  const layer = new LineLayer(settings, hands, overlay);
  const seen = () => (stage.placing === null ? null : visiblePart(stage.placing));
  const panel = new LinePanel(model, settings, seen, (distance) => layer.setMark(distance));
  overlay.add(layer);
  stage.addHandler(layer);
  return {
    card: { page: "analysis", element: panel.section },
    below: panel.element,
    update: () => panel.update(),
  };
}
