/** Projections and their fits: over the picture, in the panel, and the essentials on the picture. */

import { signal } from "@preact/signals";
import { h, render } from "preact";
import { copyText } from "../../ui/clipboard";
import { el } from "../../ui/dom";
import type { OpenTool, ToolParts } from "../tool";
import { ProjectionCard, type Told } from "./projection-card";
import { ProjectionLayer } from "./projection-layer";
import { resultsAsText } from "./projection-results";
import { keepReference } from "./reference";
import { ResultBox } from "./result-box";

export function openProjections({ model, settings, overlay, scales }: ToolParts): OpenTool {
  const box = new ResultBox();
  const redraw = (): void => overlay.invalidate();
  const now = (): Told => ({ analysis: model.analysis, axes: model.axes, reference: model.reference });
  const told = signal(now());
  const refer = (reference: Told["reference"]): void => {
    model.reference = reference;
    told.value = now();
    redraw();
  };
  const element = el("div");
  const card = h(ProjectionCard, {
    told,
    projections: settings.signals.projections,
    rois: settings.signals.rois,
    change(change) {
      settings.set({ projections: { ...settings.now.projections, ...change } });
      told.value = now();
    },
    keepReference() {
      const { analysis, axes, reference } = model;
      if (analysis !== null) refer(keepReference(analysis, axes, Date.now()) ?? reference);
    },
    clearReference: () => refer(null),
    async copy() {
      const { analysis, axes, reference } = model;
      if (analysis === null) return null;
      return copyText(resultsAsText(analysis, axes, reference, settings.now.projections.baseline));
    },
  });
  render(card, element);
  overlay.add(new ProjectionLayer(model, settings, scales));
  settings.watch(["projections"], redraw);
  return {
    card: { page: "analysis", element },
    note: box.element,
    draw(before) {
      if (model.analysis?.projections || before?.projections) redraw();
    },
    update(beside) {
      box.update(model, settings.now.projections.on && beside);
      if (!beside && isOther(told.peek(), now())) told.value = now();
    },
  };
}

function isOther(one: Told, other: Told): boolean {
  return one.analysis !== other.analysis || one.axes !== other.axes || one.reference !== other.reference;
}
