/** One region in the list: its name, its numbers, and, while it is chosen, what can be changed of it. */

import type { Roi, RoiStatistics } from "../../contract";
import { el, setAttribute, setText } from "../../ui/dom";
import { actionButton, problemLine, setPressed, toggleButton } from "../../ui/analysis/fields";
import { isBox, moved } from "../../ui/stage/shape-edit";
import {
  copyName,
  fieldNames,
  fieldValues,
  polygonOfText,
  roiColour,
  SHAPE_NAMES,
  textOfPolygon,
  withName,
  withNumbers,
  withoutRois,
  withRoi,
  withShape,
} from "./roi-set";
import { STATISTICS_UNITS, statisticsHint, statisticsText } from "./roi-text";
import type { Settings, SettingsStore } from "../../ui/settings";
import type { Axes } from "../../ui/stage/measure";
import type { Size } from "../../ui/stage/view";

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
/** With Shift. */
const LARGE_STEP = 10;
/** A copy lies so far beside its original, pixels. */
const COPY_OFFSET = 10;

export class RoiRow {
  readonly id: number;
  private readonly settings: SettingsStore;
  private readonly image: () => Size | null;
  private readonly chooser: HTMLButtonElement;
  private readonly name: HTMLInputElement;
  private readonly kind = el("span", { class: "roi-kind" });
  private readonly values = new Map<string, HTMLElement>();
  private readonly hint = el("p", { class: "panel-note", "data-testid": "roi-hint" });
  private readonly fields: HTMLInputElement[] = [];
  private readonly points: HTMLTextAreaElement | null;
  private readonly problem = problemLine("roi-problem");
  private readonly levels: HTMLButtonElement;
  private readonly project: HTMLButtonElement;
  private readonly editor: HTMLElement;
  readonly element: HTMLElement;

  constructor(roi: Roi, settings: SettingsStore, image: () => Size | null) {
    this.id = roi.id;
    this.settings = settings;
    this.image = image;
    const dot = el("span", { class: "roi-dot", "aria-hidden": "true" });
    dot.style.background = roiColour(roi.id);
    this.chooser = el(
      "button",
      { type: "button", class: "button roi-choose", "data-own-keys": true, "data-testid": "roi-choose" },
      dot,
      this.kind,
    );
    this.chooser.addEventListener("click", () => settings.set({ roi: settings.now.roi === this.id ? null : this.id }));
    this.chooser.addEventListener("keydown", (event) => this.key(event));
    this.name = el("input", {
      type: "text",
      class: "search roi-name",
      "aria-label": "Name",
      maxlength: 40,
      autocomplete: "off",
      "data-testid": "roi-name",
    });
    this.name.addEventListener("change", () => {
      settings.set(withName(settings.now, this.id, this.name.value));
      this.name.value = this.roi?.name ?? "";
    });
    this.levels = toggleButton("Use for levels", "roi-levels", () => this.toggleLevels());
    this.project = toggleButton("Project", "roi-project", () => this.toggleProject());
    this.points = roi.shape.kind === "polygon" ? this.makePoints() : null;
    this.editor = el(
      "div",
      { class: "roi-editor" },
      this.points === null
        ? this.makeFields(roi)
        : el("label", { class: "entry entry-column" }, "points x, y in px", this.points),
      this.problem.element,
      el(
        "div",
        { class: "panel-buttons" },
        this.levels,
        this.project,
        actionButton("Duplicate", "roi-duplicate", () => this.duplicate()),
        actionButton("Delete", "roi-delete", () => this.remove()),
      ),
    );
    const numbers = el("dl", { class: "roi-numbers", "data-testid": "roi-numbers" });
    for (const [name] of statisticsText(undefined)) {
      const value = el("dd", { "data-number": name });
      this.values.set(name, value);
      const unit = el("dd", { class: "roi-unit" }, STATISTICS_UNITS[name] ?? "");
      numbers.append(el("div", {}, el("dt", {}, name), value, unit));
    }
    this.element = el(
      "li",
      { class: "roi", "data-roi": roi.id, "data-testid": `roi-${roi.id}` },
      el("div", { class: "roi-head" }, this.chooser, this.name),
      numbers,
      this.hint,
      this.editor,
    );
  }

  /** What is set. */
  draw(settings: Settings): void {
    const { roi } = this;
    if (roi === undefined) return;
    const chosen = settings.roi === this.id;
    setPressed(this.chooser, chosen);
    setAttribute(this.chooser, "aria-label", `Choose ${roi.name}; arrows move it, Delete removes it`);
    setAttribute(this.element, "data-chosen", chosen);
    setText(this.kind, SHAPE_NAMES[roi.shape.kind]);
    if (document.activeElement !== this.name && this.name.value !== roi.name) this.name.value = roi.name;
    this.editor.hidden = !chosen;
    const { levels } = settings.colours;
    setPressed(this.levels, levels.mode === "auto" && levels.of === "roi" && chosen);
    setPressed(this.project, settings.projections.on && settings.projections.roi === this.id);
    if (this.problem.element.textContent === "") this.fill(roi);
  }

  /** What was computed. */
  update(statistics: RoiStatistics | undefined, axes: Axes): void {
    for (const [name, value] of statisticsText(statistics, axes)) {
      const cell = this.values.get(name);
      if (cell !== undefined) setText(cell, value);
    }
    setText(this.hint, statisticsHint(statistics));
    this.hint.hidden = this.hint.textContent === "";
  }

  focus(): void {
    this.chooser.focus();
  }

  private get roi(): Roi | undefined {
    return this.settings.now.rois.find(({ id }) => id === this.id);
  }

  private makeFields({ shape }: Roi): HTMLElement {
    const group = el("div", { class: "roi-fields" });
    for (const name of fieldNames(shape)) {
      const input = el("input", {
        type: "text",
        inputmode: "decimal",
        class: "number",
        autocomplete: "off",
        "data-testid": `roi-${name}`,
      });
      input.addEventListener("change", () => this.typed());
      input.addEventListener("keydown", (event) => this.fieldKey(event));
      this.fields.push(input);
      group.append(el("label", { class: "entry" }, `${name} `, input, " px"));
    }
    return group;
  }

  private makePoints(): HTMLTextAreaElement {
    const field = el("textarea", { class: "roi-points", rows: 5, spellcheck: "false", "data-testid": "roi-points" });
    field.addEventListener("change", () => this.typed());
    field.addEventListener("keydown", (event) => this.fieldKey(event));
    return field;
  }

  private fieldKey(event: KeyboardEvent): void {
    const { roi } = this;
    if (event.key !== "Escape" || roi === undefined) return;
    this.complain("");
    this.fill(roi, true);
  }

  private typed(): void {
    const { roi } = this;
    if (roi === undefined) return;
    const shape =
      this.points === null
        ? withNumbers(
            roi.shape,
            this.fields.map(({ value }) => value),
            this.image(),
          )
        : polygonOfText(this.points.value, this.image());
    this.complain(typeof shape === "string" ? shape : "");
    if (typeof shape !== "string") this.settings.set(withShape(this.settings.now, this.id, shape));
  }

  private complain(text: string): void {
    this.problem.say(text);
    for (const field of [...this.fields, ...(this.points === null ? [] : [this.points])])
      setAttribute(field, "aria-invalid", text === "" ? null : "true");
  }

  /** The numbers of the shape; what is being typed is left alone. */
  private fill({ shape }: Roi, always = false): void {
    const set = (field: HTMLInputElement | HTMLTextAreaElement, text: string): void => {
      if ((always || document.activeElement !== field) && field.value !== text) field.value = text;
    };
    fieldValues(shape).forEach((value, index) => {
      const field = this.fields[index];
      if (field !== undefined) set(field, String(value));
    });
    if (this.points !== null) set(this.points, textOfPolygon(shape));
  }

  private key(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Delete" || event.key === "Backspace") this.remove();
    else if (arrow !== undefined && this.settings.now.roi === this.id)
      this.moveBy(arrow, event.shiftKey ? LARGE_STEP : 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private moveBy([dx, dy]: readonly [number, number], step: number): void {
    const { roi } = this;
    const image = this.image();
    if (roi === undefined || image === null) return;
    this.complain("");
    this.settings.set(withShape(this.settings.now, this.id, moved(roi.shape, dx * step, dy * step, image)));
  }

  private toggleLevels(): void {
    const { colours } = this.settings.now;
    const { levels } = colours;
    const used = levels.mode === "auto" && levels.of === "roi";
    const auto =
      levels.mode === "auto" ? levels : ({ mode: "auto", rule: "steady", percentiles: [1, 99], sigmas: 3 } as const);
    const next = {
      ...auto,
      percentiles: [...auto.percentiles] as [number, number],
      of: used ? ("image" as const) : ("roi" as const),
    };
    this.settings.set({ roi: this.id, colours: { ...colours, levels: next } });
  }

  private toggleProject(): void {
    const { projections } = this.settings.now;
    const used = projections.on && projections.roi === this.id;
    this.settings.set({ projections: { ...projections, on: true, roi: used ? null : this.id } });
  }

  private duplicate(): void {
    const { roi } = this;
    const image = this.image();
    if (roi === undefined) return;
    const shape = image === null ? roi.shape : moved(roi.shape, COPY_OFFSET, COPY_OFFSET, image);
    this.settings.set(withRoi(this.settings.now, shape, copyName(roi.name)));
  }

  private remove(): void {
    this.settings.set(withoutRois(this.settings.now, [this.id]));
  }
}

/** Whether a row can go on showing a region, whose shape may have become another kind. */
export function sameKind(a: Roi, b: Roi): boolean {
  return a.id === b.id && (a.shape.kind === b.shape.kind || (isBox(a.shape) && isBox(b.shape)));
}
