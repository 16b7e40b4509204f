/** The colour bar beside the picture: ramp, level numbers, round numbers between. */

import type { ColourMapName } from "../contract";
import { gradientStops } from "./colour-maps";
import { el, setAttribute, setText } from "./dom";
import { shortNumber } from "./format";
import { evenLabels, niceTicks } from "./ticks";

export class ColourBar {
  private readonly ramp = el("div", { class: "ramp" });
  private readonly ticks = el("div", { class: "ramp-ticks" });
  private readonly high = el("span", { class: "ramp-end ramp-high", "data-testid": "bar-high" });
  private readonly low = el("span", { class: "ramp-end ramp-low", "data-testid": "bar-low" });
  readonly element = el(
    "div",
    { class: "colour-bar", role: "img", "data-testid": "colour-bar", "aria-label": "Colour scale" },
    this.high,
    el("div", { class: "ramp-body" }, this.ramp, this.ticks),
    this.low,
  );
  private drawn: string | null = null;

  setColourMap(name: ColourMapName): void {
    this.ramp.style.setProperty("--stops", gradientStops(name));
  }

  /** Levels in use; null: no picture, or one with its own colours. */
  setLevels(levels: [number, number] | null): void {
    const key = levels === null ? "none" : levels.join(" ");
    if (key === this.drawn) return;
    this.drawn = key;
    this.element.classList.toggle("unused", levels === null);
    const [low, high] = levels ?? [0, 0];
    setText(this.low, levels === null ? "" : levelText(low, high - low));
    setText(this.high, levels === null ? "" : levelText(high, high - low));
    setAttribute(
      this.element,
      "aria-label",
      levels === null ? "Colour scale, not in use" : `Colour scale from ${shortNumber(low)} to ${shortNumber(high)}`,
    );
    const values = niceTicks(low, high, 8);
    const labels = evenLabels(values);
    this.ticks.replaceChildren(
      ...values.map((value, index) => {
        const part = (value - low) / (high - low);
        const tick = el("span", { class: part > 0.09 && part < 0.91 ? "tick" : "tick tick-bare" }, labels[index] ?? "");
        tick.style.setProperty("--part", String(part));
        return tick;
      }),
    );
  }
}

/** Figures that tell the levels apart, no more. */
export function levelText(value: number, span: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.max(Math.abs(value), Math.abs(span));
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2);
  const decimals = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(span) || size))));
  return value.toFixed(decimals);
}
