/** Regions of interest: over the picture, and a list with their numbers in the panel. */

import { visiblePart } from "../../ui/stage/shape-handles";
import type { OpenTool, ToolParts } from "../tool";
import { RoiLayer } from "./roi-layer";
import { RoiList } from "./roi-list";
import { withoutRois } from "./roi-set";

export function openRegions({ model, settings, stage, overlay, hands, keys, panel }: ToolParts): OpenTool {
  const layer = new RoiLayer(settings, hands, overlay, () => panel.open("analysis"));
  const list = new RoiList(model, settings, () => (stage.placing === null ? null : visiblePart(stage.placing)));
  overlay.add(layer);
  stage.addHandler(layer);
  keys.add({
    keys: ["Delete"],
    group: "Analysis",
    text: "delete the chosen region",
    onPicture: true,
    action: () => {
      const { roi } = settings.now;
      if (roi === null) return false;
      settings.set(withoutRois(settings.now, [roi]));
      return true;
    },
  });
  return {
    card: { page: "analysis", element: list.element },
    update(beside) {
      if (!beside) list.update();
    },
  };
}
