/** A curve with all that belongs to it: over which channel, peak hold, zoom along x, and the value under the cursor. */

import type { ArrayValue, PulseValues } from "../../contract";
import { axisByName, axisChoices, axisOrder, axisUnit } from "./curve-axis";
import type { CurveOver, CurvePlot } from "./curve-plot";
import { el, setAttribute, setText } from "../dom";
import { exactNumber } from "../format";
import { PeakHold } from "./peak-hold";
import { curvePlot, plotKey } from "./plots";

/** Values of the choice that are no channel; a channel has "=" before its name. */
const BY_NAME = "";
const INDEX = "index";

export class Waveform {
  private readonly over = el("select", { "aria-label": "Curve over" });
  private readonly hold = button("Peak hold", "Keep the highest value of each point (h)");
  private readonly reset = button("Reset", "Begin the peaks anew (r)");
  private readonly whole = button("All of x", "Show all of x (0, or double click)");
  private readonly note = el("span", { class: "curve-note" });
  /** Controls, to be put where there is room. */
  readonly tools = el("div", { class: "curve-tools" }, this.over, this.hold, this.reset, this.whole, this.note);
  private readonly host: HTMLElement;
  private readonly onPoint: (index: number | null, text: string) => void;
  private plot: CurvePlot | null = null;
  private readonly again = (): void => this.draw(false);
  private readonly peak = new PeakHold();
  private holding = false;
  private name = "";
  private array: ArrayValue | null = null;
  private values: PulseValues | null = null;
  private choice = BY_NAME;
  private axisName: string | null = null;
  private axis: ArrayValue | null = null;
  private listed = "";

  /** `prefix` for the labels of tests. `onPoint`: what is under the cursor, as the source counts, and in words. */
  constructor(host: HTMLElement, prefix: string, onPoint: (index: number | null, text: string) => void) {
    this.host = host;
    this.onPoint = onPoint;
    const labels = { over: this.over, peak: this.hold, reset: this.reset, whole: this.whole, note: this.note };
    for (const [name, element] of Object.entries(labels)) element.dataset["testid"] = `${prefix}-${name}`;
    this.whole.hidden = this.reset.hidden = true;
    setAttribute(this.hold, "aria-pressed", "false");
    this.over.addEventListener("change", () => {
      this.choice = this.over.value;
      this.draw(false);
    });
    this.hold.addEventListener("click", () => this.toggleHold());
    this.reset.addEventListener("click", () => this.resetPeaks());
    this.whole.addEventListener("click", () => this.plot?.showAll());
  }

  /** Draws a channel's array; `values`: of the same pulse, where its axis may be. */
  update(name: string, array: ArrayValue, values: PulseValues | null): void {
    if (name !== this.name) {
      this.choice = BY_NAME;
      this.peak.reset();
      this.name = name;
    }
    this.array = array;
    this.values = values;
    this.draw(true);
  }

  /** Takes the curve away; its choices are kept for the same channel. */
  clear(): void {
    this.plot?.destroy();
    this.plot = null;
    this.array = this.values = this.axis = null;
    this.peak.reset();
    this.onPoint(null, "");
  }

  /** Keys of a curve that has the focus. */
  key(event: KeyboardEvent): void {
    if (event.target instanceof HTMLSelectElement || plotKey(event, this.plot)) return;
    const action = { h: () => this.toggleHold(), r: () => this.resetPeaks() }[event.key];
    if (action === undefined || this.plot === null || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }

  private toggleHold(): void {
    this.holding = !this.holding;
    this.peak.reset();
    setAttribute(this.hold, "aria-pressed", String(this.holding));
    this.reset.hidden = !this.holding;
    this.draw(true);
  }

  private resetPeaks(): void {
    this.peak.reset();
    this.draw(true);
  }

  /** `isNew`: the array is one that the peaks do not know yet. */
  private draw(isNew: boolean): void {
    const { array } = this;
    if (array === null) return;
    const length = array.values.length;
    const choices = this.values === null ? [] : axisChoices(this.values.arrays, this.name, length);
    const over = this.chooseAxis(choices);
    if (this.holding && isNew) this.peak.add(this.name, array.values);
    const Plot = curvePlot(this.again, true);
    if (Plot === null) return;
    this.plot ??= new Plot(this.host, {
      axes: true,
      onCursor: (index) => this.point(index),
      onZoom: (zoomed) => {
        this.whole.hidden = !zoomed;
      },
    });
    this.plot.update(array.values, over, this.holding ? this.peak.maximum : null);
  }

  /** What the curve is drawn over: by name, as chosen, else the index, with a word where the axis cannot be used. */
  private chooseAxis(choices: string[]): CurveOver | null {
    const byName = axisByName(this.name, choices);
    this.list(choices, byName);
    const chosen = this.choice.startsWith("=") ? this.choice.slice(1) : this.choice === BY_NAME ? byName : null;
    const axis = chosen === null ? null : (this.values?.arrays.get(chosen) ?? null);
    this.axisName = this.axis = null;
    if (chosen === null) {
      setText(this.note, "");
      return null;
    }
    if (axis === null || !choices.includes(chosen)) {
      setText(this.note, `${chosen} is not in this pulse or has another length: over the index`);
      return null;
    }
    const order = axisOrder(axis.values);
    if (typeof order === "object") {
      setText(this.note, `${chosen} ${order.refused}: over the index`);
      return null;
    }
    setText(this.note, "");
    this.axisName = chosen;
    this.axis = axis;
    const unit = axisUnit(chosen);
    return {
      values: axis.values,
      descending: order === "descending",
      label: unit === "" ? chosen : `${chosen} (${unit})`,
    };
  }

  private list(choices: string[], byName: string | null): void {
    const gone = this.choice.startsWith("=") && !choices.includes(this.choice.slice(1)) ? [this.choice.slice(1)] : [];
    const key = JSON.stringify([choices, byName, gone]);
    this.over.hidden = choices.length === 0 && gone.length === 0;
    if (key === this.listed) return;
    this.listed = key;
    const option = (value: string, text: string): HTMLElement => el("option", { value }, text);
    this.over.replaceChildren(
      option(BY_NAME, byName === null ? "over index" : `over ${byName}`),
      ...(byName === null ? [] : [option(INDEX, "over index")]),
      ...[...choices, ...gone].filter((name) => name !== byName).map((name) => option(`=${name}`, `over ${name}`)),
    );
    // The axis by name may have been chosen before by hand.
    this.over.value =
      this.choice === `=${byName ?? ""}` || (byName === null && this.choice === INDEX) ? BY_NAME : this.choice;
  }

  private point(index: number | null): void {
    const value = index === null ? undefined : this.array?.values[index];
    if (index === null || value === undefined || this.array === null) return this.onPoint(null, "");
    const at = this.axis?.values[index];
    const place =
      at === undefined || this.axis === null || this.axisName === null
        ? ""
        : `  at ${this.axisName} ${curveValue(at, this.axis, index)} ${axisUnit(this.axisName)}`.trimEnd();
    const peak = this.holding ? this.peak.maximum?.[index] : undefined;
    const held = peak === undefined ? "" : `  peak ${curveValue(peak, this.array)}`;
    this.onPoint(index, `[${index}]  ${curveValue(value, this.array, index)}${held}${place}`);
  }
}

/**
 * All digits of one point. `index`: where it is in the array; without it the value is one that was computed from doubles,
 * and said to be rounded where they do not hold the array's.
 */
function curveValue(value: number, array: ArrayValue, index?: number): string {
  const exact = index === undefined ? undefined : array.exact?.[index];
  if (exact !== undefined) return String(exact);
  const wide = (array.dtype === "int64" || array.dtype === "uint64") && Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return `${wide ? "≈ " : ""}${exactNumber(value, array.dtype)}`;
}

function button(text: string, title: string): HTMLButtonElement {
  return el("button", { type: "button", class: "button toggle", title }, text);
}
