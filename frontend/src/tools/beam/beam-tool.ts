/** The card of the beam fit in the panel, its note on the picture, and its drawing. */

import "./beam.css";
import { sourceText } from "../../ui/analysis/source-text";
import { actionButton } from "../../ui/analysis/fields";
import { copyText } from "../../ui/clipboard";
import { el, setAttribute, setText } from "../../ui/dom";
import { formatRate } from "../../ui/format";
import type { OpenTool, ToolParts } from "../tool";
import { BeamLayer } from "./layer";
import type { BeamFit } from "./compute/result";
import { beamAsText, beamEssentials, beamNotes, beamRows, stateText } from "./text";

/** How long a button says that it did its work. */
const SAID_MS = 2000;

export function openBeam(parts: ToolParts): OpenTool {
  return new BeamTool(parts);
}

class BeamTool implements OpenTool {
  private readonly state = el("span", { class: "beam-state", "data-testid": "beam-state" });
  private readonly body = el("tbody");
  private readonly table = el(
    "table",
    { class: "results beam-results", "data-testid": "beam-results" },
    el("caption", { class: "for-screen-readers" }, "Results of the beam fit"),
    this.body,
  );
  private readonly notes = el("ul", { class: "notes", "data-testid": "beam-notes" });
  private readonly about = el("p", { class: "panel-note", "data-testid": "beam-about" });
  private readonly copy = actionButton("Copy", "beam-copy", () => void this.copyResults());
  private readonly definition = el(
    "p",
    { class: "panel-note" },
    "D4σ diameters by ISO 11146 above the dark pixels; tilt counter-clockwise from the horizontal of the picture as shown, " +
      "in the lengths of the axes. Errors are those of the background's noise alone.",
  );
  private readonly section = el(
    "section",
    { class: "panel-section", "aria-label": "2-D beam fit", "data-testid": "beam-card" },
    el("p", { class: "panel-title" }, "2-D beam fit: ", this.state),
    this.table,
    this.notes,
    this.definition,
    this.about,
    el("div", { class: "panel-buttons" }, this.copy),
  );
  private readonly essentials = el("span");
  readonly card = { page: "analysis", element: this.section } as const;
  readonly note = el(
    "p",
    { class: "result-box", "data-testid": "beam-note", hidden: true },
    el("b", {}, "beam"),
    this.essentials,
  );
  private readonly layer = new BeamLayer();
  private readonly parts: ToolParts;

  constructor(parts: ToolParts) {
    this.parts = parts;
    parts.overlay.add(this.layer);
    parts.settings.watch(["beam"], () => this.draw());
  }

  draw(): void {
    if (this.layer.set(this.fit)) this.parts.overlay.invalidate();
  }

  update(beside: boolean): void {
    const { analysis } = this.parts.model;
    const { beam: on, orientation } = this.parts.settings.now;
    const { fit } = this;
    this.section.hidden = !on;
    this.note.hidden = !beside || fit === null;
    if (fit !== null) setText(this.essentials, beamEssentials(fit, orientation));
    if (!on || beside) return;
    const without = analysis?.missing ?? "Nothing was computed yet.";
    setText(this.state, fit === null ? "waiting" : stateText(fit));
    setAttribute(this.state, "data-state", fit?.state ?? "waiting");
    this.drawRows(fit);
    this.drawNotes(fit === null ? [without] : beamNotes(fit));
    this.definition.hidden = fit?.state !== "converged";
    setAttribute(this.copy, "disabled", fit === null);
    const of =
      analysis === null || fit === null ? "" : `of ${sourceText(analysis)}, ${formatRate(analysis.rate)} Hz, pulse `;
    setText(this.about, of === "" ? "" : `${of}${analysis?.pulse.pulseId}`);
  }

  /** The last one; null: there is none, or the tool is off. */
  private get fit(): BeamFit | null {
    const { model, settings } = this.parts;
    return settings.now.beam ? (model.analysis?.tools.beam ?? null) : null;
  }

  private drawRows(fit: BeamFit | null): void {
    const rows = fit === null ? [] : beamRows(fit, this.parts.settings.now.orientation);
    this.table.hidden = rows.length === 0;
    while (this.body.rows.length > rows.length) this.body.deleteRow(-1);
    while (this.body.rows.length < rows.length)
      this.body.append(el("tr", {}, el("th", { scope: "row" }), el("td"), el("td", { class: "result-unit" })));
    rows.forEach(({ name, text, unit }, at) => {
      const row = this.body.rows[at]!;
      setAttribute(row, "data-result", name);
      [name, text, unit].forEach((one, cell) => setText(row.cells[cell]!, one));
    });
  }

  private drawNotes(texts: string[]): void {
    const { notes } = this;
    while (notes.childElementCount > texts.length) notes.lastElementChild?.remove();
    while (notes.childElementCount < texts.length) notes.append(el("li"));
    texts.forEach((text, at) => setText(notes.children[at]!, text));
  }

  private async copyResults(): Promise<void> {
    const { fit } = this;
    const { analysis } = this.parts.model;
    if (analysis === null || fit === null) return;
    const copied = await copyText(beamAsText(analysis, fit, this.parts.settings.now.orientation));
    setText(this.copy, copied ? "Copied" : "Not copied");
    window.setTimeout(() => setText(this.copy, "Copy"), SAID_MS);
  }
}
