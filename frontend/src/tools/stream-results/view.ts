import "./pipeline.css";
import type { OpenTool, ToolParts } from "../tool";
import { PipelineView } from "./pipeline-view";

export function openStreamResults({ overlay, panel, settings, scales }: ToolParts): OpenTool {
  const view = new PipelineView(overlay, panel, settings, scales);
  return {
    over: view.notes,
    refresh: () => view.refresh(),
    shown: (shown, values) => view.receive(shown, values),
    cleared: () => view.clear(),
    forget: () => view.forget(),
  };
}
