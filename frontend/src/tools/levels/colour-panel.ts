/** What is set seldom: colours beyond the levels, and what a pixel of the screen shows of several of the image. */

import type { Colours, Reduce } from "../../contract";
import { el } from "../../ui/dom";

type Beyond = "under" | "over";

const REDUCE: readonly (readonly [reduce: Reduce, name: string])[] = [
  ["nearest", "one pixel"],
  ["mean", "mean"],
  ["max", "brightest"],
];
const REDUCE_TITLE =
  "Zoomed out, a pixel of the screen covers several pixels of the image. It shows one of them, their mean, or the " +
  "brightest, so that no single bright pixel is overlooked.";
/** Colours that are in few of the maps. */
const FIRST: Record<Beyond, string> = { under: "#0000ff", over: "#ff0000" };

export class ColourPanel {
  private readonly boxes: Record<Beyond, HTMLInputElement> = { under: checkbox("under"), over: checkbox("over") };
  private readonly pickers: Record<Beyond | "bad", HTMLInputElement> = {
    under: picker("under", "Colour below the low level"),
    over: picker("over", "Colour above the high level"),
    bad: picker("bad", "Colour of not-a-number"),
  };
  private readonly reduce = el(
    "select",
    { id: "reduce", "data-testid": "reduce", title: REDUCE_TITLE },
    ...REDUCE.map(([value, name]) => el("option", { value }, name)),
  );
  readonly element = el(
    "div",
    { class: "colour-panel" },
    el("label", {}, this.boxes.under, " below the low level"),
    this.pickers.under,
    el("label", {}, this.boxes.over, " above the high level"),
    this.pickers.over,
    el("span", { class: "panel-text" }, "not a number"),
    this.pickers.bad,
    el("label", { for: "reduce", title: REDUCE_TITLE }, "zoomed out, show"),
    this.reduce,
  );

  constructor(onChange: (change: Partial<Colours>) => void) {
    for (const which of ["under", "over"] as const) {
      const [box, colour] = [this.boxes[which], this.pickers[which]];
      colour.value = FIRST[which];
      box.addEventListener("change", () => onChange({ [which]: box.checked ? colour.value : null }));
      colour.addEventListener("input", () => onChange({ [which]: colour.value }));
    }
    this.pickers.bad.addEventListener("input", () => onChange({ bad: this.pickers.bad.value }));
    this.reduce.addEventListener("change", () => {
      const chosen = REDUCE.find(([reduce]) => reduce === this.reduce.value);
      if (chosen !== undefined) onChange({ reduce: chosen[0] });
    });
  }

  apply({ under, over, bad, reduce }: Colours): void {
    for (const [which, colour] of [
      ["under", under],
      ["over", over],
    ] as const) {
      this.boxes[which].checked = colour !== null;
      if (colour !== null && this.pickers[which].value !== colour) this.pickers[which].value = colour;
    }
    if (this.pickers.bad.value !== bad) this.pickers.bad.value = bad;
    this.reduce.value = reduce;
  }
}

function checkbox(which: Beyond): HTMLInputElement {
  return el("input", { type: "checkbox", "data-testid": `use-${which}` });
}

function picker(which: string, label: string): HTMLInputElement {
  return el("input", { type: "color", "aria-label": label, title: label, "data-testid": `colour-${which}` });
}
