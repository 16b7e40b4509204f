/** The beam fit on the page: its card in the panel, its note on the picture, and its drawing. */

import { signal } from "@preact/signals";
import { h, render } from "preact";
import { copyText } from "../../ui/clipboard";
import { el, setText } from "../../ui/dom";
import type { OpenTool, ToolParts } from "../tool";
import { BeamCard, type Told } from "./beam-card";
import type { BeamFit } from "./compute/result";
import { BeamLayer } from "./layer";
import { beamAsText, beamEssentials } from "./text";

export function openBeam({ model, settings, overlay }: ToolParts): OpenTool {
  const essentials = el("span");
  const note = el(
    "p",
    { class: "result-box", "data-testid": "beam-note", hidden: true },
    el("b", {}, "beam"),
    essentials,
  );
  const layer = new BeamLayer();
  /** the last one; null: there is none, or the tool is off */
  const fit = (): BeamFit | null => (settings.now.beam ? (model.analysis?.tools.beam ?? null) : null);
  const now = (): Told => ({ analysis: model.analysis, fit: fit(), orientation: settings.now.orientation });
  const told = signal(now());
  const element = el("div");
  const card = h(BeamCard, {
    told,
    on: settings.signals.beam,
    async copy() {
      const found = fit();
      if (model.analysis === null || found === null) return null;
      return copyText(beamAsText(model.analysis, found, settings.now.orientation));
    },
  });
  render(card, element);
  overlay.add(layer);
  const draw = (): void => {
    if (layer.set(fit())) overlay.invalidate();
  };
  settings.watch(["beam"], draw);
  return {
    card: { page: "analysis", element },
    note,
    draw,
    update(beside) {
      const found = fit();
      note.hidden = !beside || found === null;
      if (found !== null) setText(essentials, beamEssentials(found, settings.now.orientation));
      if (!beside && isOther(told.peek(), now())) told.value = now();
    },
  };
}

function isOther(one: Told, other: Told): boolean {
  return one.analysis !== other.analysis || one.fit !== other.fit || one.orientation !== other.orientation;
}
