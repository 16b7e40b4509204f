/** Profiles in the panel: what is computed, the numbers of the fits, and the reference that they are compared with. */

import type { Baseline } from "../../contract";
import { axisUnit } from "../../analysis/axis";
import type { AnalysisModel } from "../../ui/analysis/analysis-model";
import { copyText } from "../../ui/clipboard";
import { el, setAttribute, setText } from "../../ui/dom";
import { actionButton, Choice, setPressed, toggleButton } from "../../ui/analysis/fields";
import { clockTime, formatRate } from "../../ui/format";
import { definitionText, failures, resultRows, resultsAsText, warnings, type ResultRow } from "./projection-results";
import { sourceText } from "../../ui/analysis/source-text";
import { incomparable, keepReference } from "./reference";
import type { SettingsStore } from "../../ui/settings";
import type { ProjectionSettings } from "./settings";

const BASELINES: readonly (readonly [Baseline, string])[] = [
  ["facility", "as the facility's server"],
  ["none", "none (raw profile)"],
  ["minimum", "minimum"],
  ["border", "border median"],
];
/** How long a button says that it did its work. */
const SAID_MS = 2000;

export class ProjectionPanel {
  private readonly on = toggleButton("Profiles", "projections-on", () =>
    this.change({ on: !this.settings.now.projections.on }),
  );
  private readonly fit = toggleButton("Gauss fit", "projections-fit", () =>
    this.change({ fit: !this.settings.now.projections.fit }),
  );
  private readonly of = el("select", { "data-testid": "projections-of" });
  private readonly baseline = new Choice("baseline", "projections-baseline", BASELINES, (baseline) =>
    this.change({ baseline }),
  );
  private readonly headX = el("th", { scope: "col" }, "x");
  private readonly headY = el("th", { scope: "col" }, "y");
  private readonly body = el("tbody");
  private readonly table = el(
    "table",
    { class: "results", "data-testid": "results" },
    el("caption", { class: "for-screen-readers" }, "Results of the profiles"),
    el("thead", {}, el("tr", {}, el("td"), this.headX, this.headY, el("td", { class: "result-unit" }))),
    this.body,
  );
  private readonly doubts = el("ul", { class: "notes notes-warning", "data-testid": "results-warnings" });
  private readonly faults = el("ul", { class: "notes", "data-testid": "results-failures" });
  private readonly about = el("p", { class: "panel-note", "data-testid": "results-about" });
  private readonly definition = el("p", { class: "panel-note", "data-testid": "results-definition" });
  private readonly missing = el("p", { class: "panel-note", "data-testid": "results-missing" });
  private readonly keep = actionButton("Keep as reference", "reference-keep", () => this.keepReference());
  private readonly clear = actionButton("Clear reference", "reference-clear", () => this.clearReference());
  private readonly copy = actionButton("Copy", "results-copy", () => void this.copyResults());
  private readonly referenceText = el("p", { class: "panel-note reference-note", "data-testid": "reference" });
  private readonly results = el(
    "div",
    {},
    this.table,
    this.doubts,
    this.faults,
    this.definition,
    this.about,
    el("div", { class: "panel-buttons" }, this.copy, this.keep, this.clear),
    this.referenceText,
  );
  readonly element = el(
    "section",
    { class: "panel-section", "aria-label": "Profiles" },
    el(
      "div",
      { class: "panel-buttons" },
      this.on,
      this.fit,
      el("label", { class: "entry" }, "of ", this.of),
      this.baseline.element,
    ),
    this.missing,
    this.results,
  );

  private readonly model: AnalysisModel;
  private readonly settings: SettingsStore;
  private readonly redraw: () => void;
  private listed = "";

  /** `redraw`: what lies over the picture has to be drawn anew. */
  constructor(model: AnalysisModel, settings: SettingsStore, redraw: () => void) {
    this.model = model;
    this.settings = settings;
    this.redraw = redraw;
    this.of.addEventListener("change", () => this.change({ roi: this.of.value === "" ? null : Number(this.of.value) }));
    settings.watch(["projections", "rois"], () => this.drawControls());
    this.drawControls();
    this.update();
  }

  /** The numbers of the last analysis. */
  update(): void {
    const { analysis, axes, reference } = this.model;
    const { on } = this.settings.now.projections;
    const projections = on ? (analysis?.projections ?? null) : null;
    this.results.hidden = projections === null && reference === null;
    this.table.hidden = projections === null;
    const waits = on && projections === null;
    setText(
      this.missing,
      !on
        ? "Sums along x and y, with centre, width and a Gaussian fit."
        : waits
          ? (analysis?.missing ?? "Nothing was computed yet.")
          : (analysis?.missing ?? ""),
    );
    this.missing.hidden = this.missing.textContent === "";
    setAttribute(this.keep, "disabled", projections === null);
    setAttribute(this.copy, "disabled", projections === null);
    this.clear.hidden = reference === null;
    this.drawReference();
    this.about.hidden = this.definition.hidden = projections === null;
    setText(this.definition, definitionText(this.settings.now.projections.baseline));
    if (analysis === null || projections === null) {
      this.doubts.replaceChildren();
      this.faults.replaceChildren();
      return;
    }
    setText(this.headX, `x (${axisUnit(axes.x)})`);
    setText(this.headY, `y (${axisUnit(axes.y)})`);
    this.drawRows(resultRows(analysis, axes, reference));
    drawNotes(this.doubts, warnings(analysis));
    drawNotes(this.faults, failures(analysis));
    setText(this.about, `of ${sourceText(analysis)}, ${formatRate(analysis.rate)} Hz, pulse ${analysis.pulse.pulseId}`);
  }

  private drawRows(rows: ResultRow[]): void {
    while (this.body.rows.length > rows.length) this.body.deleteRow(-1);
    while (this.body.rows.length < rows.length) {
      const cell = (): HTMLElement => el("td", {}, el("span", { class: "result" }), el("span", { class: "delta" }));
      this.body.append(el("tr", {}, el("th", { scope: "row" }), cell(), cell(), el("td", { class: "result-unit" })));
    }
    rows.forEach((row, index) => {
      const [name, x, y, unit] = this.body.rows[index]?.cells ?? [];
      if (name === undefined || x === undefined || y === undefined || unit === undefined) return;
      setText(name, row.name);
      setText(unit, row.unit);
      setAttribute(this.body.rows[index]!, "data-result", row.name);
      const texts: [HTMLElement, string, string][] = [
        [x, row.x, row.deltaX],
        [y, row.y, row.deltaY],
      ];
      for (const [cell, text, delta] of texts) {
        setText(cell.children[0]!, text);
        setText(cell.children[1]!, delta);
      }
    });
  }

  private drawReference(): void {
    const { reference, analysis, axes } = this.model;
    this.referenceText.hidden = reference === null;
    if (reference === null) return;
    const why = analysis === null ? null : incomparable(reference, analysis.channel, axes);
    setText(
      this.referenceText,
      `Reference (dashed): pulse ${reference.pulse.pulseId}, kept at ${clockTime(reference.keptAt)}` +
        (why === null ? "" : `; not compared: ${why}`),
    );
  }

  private drawControls(): void {
    const { projections, rois } = this.settings.now;
    setPressed(this.on, projections.on);
    setPressed(this.fit, projections.fit);
    this.baseline.set(projections.baseline);
    const options = [["", "image"], ...rois.map(({ id, name }) => [String(id), name])] as [string, string][];
    // A list that is open closes when it is made anew: only for other regions, not while one is dragged.
    const key = JSON.stringify(options);
    if (key !== this.listed) this.of.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
    this.listed = key;
    this.of.value = rois.some(({ id }) => id === projections.roi) ? String(projections.roi) : "";
  }

  private change(change: Partial<ProjectionSettings>): void {
    this.settings.set({ projections: { ...this.settings.now.projections, ...change } });
    this.update();
  }

  private keepReference(): void {
    const { analysis, axes } = this.model;
    if (analysis === null) return;
    this.model.reference = keepReference(analysis, axes, Date.now()) ?? this.model.reference;
    this.update();
    this.redraw();
  }

  private clearReference(): void {
    this.model.reference = null;
    this.update();
    this.redraw();
    this.keep.focus();
  }

  private async copyResults(): Promise<void> {
    const { analysis, axes, reference } = this.model;
    if (analysis === null) return;
    const copied = await copyText(resultsAsText(analysis, axes, reference, this.settings.now.projections.baseline));
    setText(this.copy, copied ? "Copied" : "Not copied");
    window.setTimeout(() => setText(this.copy, "Copy"), SAID_MS);
  }
}

function drawNotes(list: HTMLElement, notes: string[]): void {
  while (list.childElementCount > notes.length) list.lastElementChild?.remove();
  while (list.childElementCount < notes.length) list.append(el("li"));
  notes.forEach((note, index) => setText(list.children[index]!, note));
}
