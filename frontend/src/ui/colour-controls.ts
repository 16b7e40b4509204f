/** Colour map and levels: automatic, fixed at the present ones, or typed in. */

import type { Colours, Shown } from "../contract";
import { AUTO_LEVELS } from "../defaults";
import { COLOUR_MAPS, isColourMap } from "./colour-maps";
import type { ColourBar } from "./colour-bar";
import { el, setAttribute, setText } from "./dom";
import { shortNumber } from "./format";

export class ColourControls {
  private readonly map = el(
    "select",
    { id: "colour-map", "aria-label": "Colour map", "data-testid": "colour-map" },
    ...COLOUR_MAPS.map((name) => el("option", { value: name }, name)),
  );
  private readonly auto = el(
    "button",
    { type: "button", class: "button toggle", "data-testid": "levels-auto", title: "Automatic levels (a)" },
    "Auto",
  );
  private readonly low = levelInput("low", "Lowest level");
  private readonly high = levelInput("high", "Highest level");
  private readonly fixButton = el(
    "button",
    { type: "button", class: "button", "data-testid": "levels-fix", title: "Keep the present levels (x)" },
    "Fix",
  );
  private readonly problem = el("span", { id: "levels-problem", class: "problem", role: "alert" });
  readonly element = el(
    "div",
    { class: "group colours", role: "group", "aria-label": "Colours" },
    this.map,
    this.auto,
    el("label", { class: "level" }, "low ", this.low),
    el("label", { class: "level" }, "high ", this.high),
    this.fixButton,
    this.problem,
  );

  private readonly bar: ColourBar;
  private readonly onChange: (colours: Colours) => void;
  private colours: Colours;
  private present: [number, number] | null = null;

  constructor(bar: ColourBar, initial: Colours, onChange: (colours: Colours) => void) {
    this.bar = bar;
    this.colours = initial;
    this.onChange = onChange;
    this.map.addEventListener("change", () => {
      if (isColourMap(this.map.value)) this.set({ ...this.colours, colourMap: this.map.value });
    });
    this.auto.addEventListener("click", () => this.toggleAuto());
    this.fixButton.addEventListener("click", () => this.fix());
    for (const input of [this.low, this.high]) {
      input.addEventListener("change", () => this.typed());
      input.addEventListener("keydown", (event) => this.step(event, input));
    }
    this.draw();
  }

  /** Set from outside, as by the URL: no event. */
  apply(colours: Colours): void {
    this.colours = colours;
    this.draw();
  }

  toggleAuto(): void {
    if (this.colours.levels.mode === "auto") this.fix();
    else this.set({ ...this.colours, levels: AUTO_LEVELS });
  }

  /** Keep the levels that are on screen now. */
  fix(): void {
    if (this.present === null) return;
    const [low, high] = this.present;
    this.set({
      ...this.colours,
      levels: { mode: "manual", low, high: high > low ? high : low + (Math.abs(low) * 1e-6 || 1) },
    });
  }

  /** Numbers of the picture on screen. */
  update(shown: Shown | null): void {
    const scaled = shown !== null && !shown.colour && shown.curve === null;
    this.present = scaled ? shown.levels : null;
    const { levels } = this.colours;
    this.showLevels(levels.mode === "manual" ? [levels.low, levels.high] : this.present);
    this.bar.setLevels(!scaled ? null : levels.mode === "manual" ? [levels.low, levels.high] : shown.levels);
    setAttribute(this.fixButton, "disabled", !scaled);
  }

  private set(colours: Colours): void {
    this.colours = colours;
    this.draw();
    this.onChange(colours);
  }

  private draw(): void {
    const { colourMap, levels } = this.colours;
    this.map.value = colourMap;
    this.bar.setColourMap(colourMap);
    setAttribute(this.auto, "aria-pressed", String(levels.mode === "auto"));
    this.complain("");
    const drawn = levels.mode === "manual" ? ([levels.low, levels.high] as [number, number]) : this.present;
    this.showLevels(drawn);
    if (this.present !== null) this.bar.setLevels(drawn);
  }

  private showLevels(levels: [number, number] | null): void {
    for (const [input, value] of [
      [this.low, levels?.[0]],
      [this.high, levels?.[1]],
    ] as const) {
      const text =
        value === undefined ? "" : this.colours.levels.mode === "manual" ? String(value) : shortNumber(value);
      if (document.activeElement !== input && input.getAttribute("aria-invalid") !== "true" && input.value !== text)
        input.value = text;
    }
  }

  private typed(): void {
    const low = Number(this.low.value.trim().replace(",", ".") || "x");
    const high = Number(this.high.value.trim().replace(",", ".") || "x");
    setAttribute(this.low, "aria-invalid", Number.isFinite(low) ? null : "true");
    setAttribute(this.high, "aria-invalid", Number.isFinite(high) ? null : "true");
    if (!Number.isFinite(low) || !Number.isFinite(high)) return this.complain("A level is a number, as 120 or 1.5e3.");
    if (low >= high) {
      setAttribute(document.activeElement === this.high ? this.high : this.low, "aria-invalid", "true");
      return this.complain("The low level must be below the high one.");
    }
    this.set({ ...this.colours, levels: { mode: "manual", low, high } });
  }

  private complain(text: string): void {
    setText(this.problem, text);
    if (text === "") for (const input of [this.low, this.high]) setAttribute(input, "aria-invalid", null);
  }

  /** Arrow keys move a level by a hundredth of the span, Escape takes back what was typed. */
  private step(event: KeyboardEvent, input: HTMLInputElement): void {
    const { levels } = this.colours;
    const current = levels.mode === "manual" ? ([levels.low, levels.high] as [number, number]) : this.present;
    if (event.key === "Escape") {
      this.complain("");
      input.value = String((input === this.low ? current?.[0] : current?.[1]) ?? "");
      return;
    }
    if ((event.key !== "ArrowUp" && event.key !== "ArrowDown") || current === null) return;
    event.preventDefault();
    const [low, high] = current;
    const by = ((high - low) / 100) * (event.key === "ArrowUp" ? 1 : -1);
    const next = (value: number): number => Number((value + by).toPrecision(6));
    const [newLow, newHigh] = input === this.low ? [next(low), high] : [low, next(high)];
    if (newLow >= newHigh) return;
    this.set({ ...this.colours, levels: { mode: "manual", low: newLow, high: newHigh } });
    input.value = String(input === this.low ? newLow : newHigh);
  }
}

function levelInput(which: string, label: string): HTMLInputElement {
  return el("input", {
    type: "text",
    inputmode: "decimal",
    class: "number",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": label,
    "aria-describedby": "levels-problem",
    "data-testid": `level-${which}`,
  });
}
