import type { OpenTool, ToolParts } from "../tool";
import { Reticle } from "./reticle";

export function openReticle({ settings, overlay, axes }: ToolParts): OpenTool {
  overlay.add(new Reticle(() => settings.now, axes));
  settings.watch(["reticle", "markers"], () => overlay.invalidate());
  return {};
}
