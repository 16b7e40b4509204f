import { distanceBetween, distanceText } from "../../ui/stage/measure";
import type { OpenTool, ToolParts } from "../tool";
import { markedPixel, MarkerTool } from "./markers";

export function openMarkers({ settings, stage, overlay, hands, marks, keys, axes }: ToolParts): OpenTool {
  const tool = new MarkerTool(settings, overlay, hands, axes);
  overlay.add(tool);
  stage.addHandler(tool);
  settings.watch(["markers"], () => overlay.invalidate());
  marks.add({
    removeChosen: () => tool.removeChosen(),
    letGo: () => tool.letGo(),
    get measured() {
      const [first, second] = settings.now.markers;
      if (first === null || second === null) return "";
      return `1 → 2: ${distanceText(distanceBetween(first, second, axes()), false)}`;
    },
  });
  /** Marks the pixel that is read out; without one the tool is taken in hand. */
  const mark = (which: 0 | 1): void => {
    const { pixel, placing } = stage;
    if (pixel === null || placing === null) hands.press("marker");
    else tool.set(which, markedPixel({ x: pixel.column, y: pixel.row }, placing.image));
  };
  const group = "Tools and marks";
  keys.add(
    {
      keys: ["m"],
      group,
      text: "marker at the pixel that is read out, else take the marker in hand",
      action: () => mark(0),
    },
    { keys: ["Shift+M"], group, text: "second marker", action: () => mark(1) },
  );
  return {};
}
