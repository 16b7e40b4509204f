/** The page "Stream" of the side panel: what the processing server did with the image, and what it found in it. */

import { el, setAttribute, setText } from "../../ui/dom";
import type { Pipeline } from "./pipeline";
import { axisRows, imageLines, numberText, processingLines, type Line } from "./pipeline-text";
import { STREAM_PARTS, type StreamPart, type StreamParts } from "./stream-parts";

const PARTS: Record<StreamPart, string> = {
  profiles: "Profiles",
  fit: "Fits",
  region: "Good region",
  slices: "Slices",
  centre: "Centre of mass",
};

export class PipelinePanel {
  private readonly boxes = new Map<StreamPart, HTMLInputElement>();
  private readonly numbers = el("tbody");
  private readonly image = el("dl", { class: "stream-list", "data-testid": "stream-image" });
  private readonly processing = el("dl", { class: "stream-list", "data-testid": "stream-processing" });
  private readonly pulse = el("strong", { "data-testid": "stream-pulse" }, "–");
  private readonly untold = el("p", { class: "stream-note" }, "The stream does not say how the image was processed.");
  readonly element: HTMLElement;
  private drawn: Pipeline | null = null;

  constructor(parts: StreamParts, onChange: (parts: StreamParts) => void) {
    const switches = STREAM_PARTS.map((part) => {
      const box = el("input", { type: "checkbox", "data-testid": `stream-${part}` });
      box.addEventListener("change", () => onChange(this.checked()));
      this.boxes.set(part, box);
      return el("label", { class: "stream-switch" }, box, PARTS[part]);
    });
    this.element = el(
      "div",
      { class: "panel-page stream-page" },
      el("p", { class: "stream-note" }, "Results that the stream brought itself, of pulse ", this.pulse),
      el("fieldset", { class: "stream-switches" }, el("legend", {}, "Over the picture"), ...switches),
      el(
        "table",
        { class: "stream-numbers", "data-testid": "stream-numbers" },
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ...["Found", "x", "y"].map((name) => el("th", { scope: "col" }, name)),
            el("th", { scope: "col", class: "stream-unit" }),
          ),
        ),
        this.numbers,
      ),
      this.image,
      el("h2", { class: "stream-title" }, "Processing at the source"),
      this.untold,
      this.processing,
    );
    this.setParts(parts);
  }

  /** Follows the settings. */
  setParts(parts: StreamParts): void {
    for (const [part, box] of this.boxes) box.checked = parts[part];
  }

  /** `pulse`: the one that the results belong to. */
  update(pipeline: Pipeline, pulse: bigint): void {
    if (pipeline === this.drawn) return;
    this.drawn = pipeline;
    setText(this.pulse, String(pulse));
    this.fillNumbers(pipeline);
    fillList(this.image, imageLines(pipeline));
    const { parameters } = pipeline;
    this.untold.hidden = parameters !== null;
    fillList(this.processing, parameters === null ? [] : processingLines(parameters));
  }

  private checked(): StreamParts {
    return Object.fromEntries([...this.boxes].map(([part, box]) => [part, box.checked])) as StreamParts;
  }

  private fillNumbers(pipeline: Pipeline): void {
    const rows = axisRows(pipeline);
    while (this.numbers.childElementCount < rows.length) {
      const cells = [el("th", { scope: "row" }), el("td"), el("td"), el("td", { class: "stream-unit" })];
      this.numbers.append(el("tr", {}, ...cells));
    }
    rows.forEach(([what, x, y, unit], at) => {
      const [name, inX, inY, inUnit] = this.numbers.children[at]?.children ?? [];
      if (name === undefined || inX === undefined || inY === undefined || inUnit === undefined) return;
      setText(name, what);
      for (const [cell, value] of [
        [inX, x],
        [inY, y],
      ] as const) {
        setText(cell, numberText(value));
        setAttribute(cell, "title", value === null ? "no such value in this pulse" : String(value));
      }
      setText(inUnit, unit);
    });
  }
}

/** Brings a list of terms up to date in place. */
function fillList(list: HTMLElement, lines: Line[]): void {
  while (list.childElementCount > lines.length * 2) list.lastElementChild?.remove();
  while (list.childElementCount < lines.length * 2) list.append(el("dt"), el("dd"));
  lines.forEach(([what, text], at) => {
    const [term, value] = [list.children[at * 2], list.children[at * 2 + 1]];
    if (term !== undefined) setText(term, what);
    if (value !== undefined) setText(value, text);
  });
}
