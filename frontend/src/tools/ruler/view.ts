import type { OpenTool, ToolParts } from "../tool";
import { RulerTool, rulerText } from "./ruler";

export function openRuler({ settings, stage, overlay, hands, marks, axes }: ToolParts): OpenTool {
  const tool = new RulerTool(settings, overlay, hands, axes);
  overlay.add(tool);
  stage.addHandler(tool);
  settings.watch(["ruler"], () => overlay.invalidate());
  marks.add({
    removeChosen: () => tool.removeChosen(),
    letGo: () => tool.letGo(),
    get measured() {
      const { ruler } = settings.now;
      return ruler === null ? "" : `ruler: ${rulerText(ruler, axes())}`;
    },
  });
  return {};
}
