/** Levels below the picture: automatic by one of several rules, fixed at the present ones, or typed in. */

import type { Levels } from "../../contract";
import { AUTO_LEVELS } from "../../defaults";
import { el, setAttribute, setText } from "../../ui/dom";
import { fittedNumbers, shortNumber } from "../../ui/format";
import { AutoMemory, fixedLevels, isLevelsMode, isLevelsOf, LEVELS_MODES, LEVELS_OF, modeOf } from "./levels-mode";
import { NumberField } from "../../ui/number-field";
import { typedNumber } from "../../ui/typed-number";
import { arePercentiles, isSigmas } from "./settings";

/** There a field has less room. */
const PHONE = matchMedia("(max-width: 760px)");

export class LevelControls {
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
  private readonly mode = el(
    "select",
    { id: "levels-mode", "aria-label": "How the levels are found", "data-testid": "levels-mode" },
    ...LEVELS_MODES.map(([value, name, title]) => el("option", { value, title }, name)),
  );
  private readonly of = el(
    "select",
    {
      id: "levels-of",
      "aria-label": "Levels of",
      "data-testid": "levels-of",
      title: "Pixels that the levels are found in",
    },
    ...LEVELS_OF.map(([value, name]) => el("option", { value }, name)),
  );
  private readonly ofLabel = el("label", { class: "level" }, "of ", this.of);
  private readonly percentiles = [0, 1].map((which) => this.percentileField(which as 0 | 1));
  private readonly percentilesLabel = el(
    "span",
    { class: "level" },
    ...this.percentiles.map(({ input }) => input),
    "%",
  );
  private readonly sigmas = new NumberField({
    label: "Standard deviations",
    testid: "levels-sigmas",
    step: 0.5,
    current: () => this.memory.now.sigmas,
    take: (sigmas) => {
      if (!isSigmas(sigmas)) return "Standard deviations are above 0 and at most 100.";
      this.onChange({ ...this.memory.now, rule: "sigma", sigmas });
      return null;
    },
    complain: (text) => this.complain(text),
  });
  private readonly sigmasLabel = el("span", { class: "level" }, "±", this.sigmas.input, "std. dev.");
  readonly problem = el("span", { id: "levels-problem", class: "problem", role: "alert" });
  /** what an operator needs at once */
  readonly essential = el(
    "div",
    { class: "group level-group" },
    this.auto,
    el("label", { class: "level" }, "low ", this.low),
    el("label", { class: "level" }, "high ", this.high),
    this.fixButton,
  );
  readonly further = el(
    "div",
    { class: "group level-further" },
    this.mode,
    this.percentilesLabel,
    this.sigmasLabel,
    this.ofLabel,
  );

  private readonly onChange: (levels: Levels) => void;
  private readonly memory = new AutoMemory();
  private levels: Levels = AUTO_LEVELS;
  private present: [number, number] | null = null;

  constructor(onChange: (levels: Levels) => void) {
    this.onChange = onChange;
    this.auto.addEventListener("click", () => this.automatic());
    this.fixButton.addEventListener("click", () => this.fix());
    this.mode.addEventListener("change", () => {
      const levels = isLevelsMode(this.mode.value) ? this.memory.levelsFor(this.mode.value, this.present) : null;
      if (levels === null) this.mode.value = modeOf(this.levels);
      else onChange(levels);
    });
    this.of.addEventListener("change", () => {
      if (this.levels.mode === "auto" && isLevelsOf(this.of.value)) onChange({ ...this.levels, of: this.of.value });
    });
    for (const input of [this.low, this.high]) {
      input.addEventListener("change", () => this.typed());
      input.addEventListener("keydown", (event) => this.step(event, input));
      input.addEventListener("focus", () => {
        const value = this.inUse?.[input === this.low ? 0 : 1];
        if (value !== undefined && input.title !== "") input.value = String(value);
      });
      input.addEventListener("blur", () => this.draw());
    }
  }

  /** Switches automatic levels by the steady rule on; where they are on, nothing changes. */
  automatic(): void {
    if (modeOf(this.levels) !== "steady") this.onChange({ ...this.memory.now, rule: "steady" });
  }

  /** Keep the levels that are on screen now. */
  fix(): void {
    if (this.present !== null) this.onChange(fixedLevels(this.present));
  }

  /** Levels that were set, here or elsewhere. */
  apply(levels: Levels): void {
    this.levels = levels;
    this.memory.note(levels);
    const mode = modeOf(levels);
    this.mode.value = mode;
    this.of.value = this.memory.now.of;
    this.percentilesLabel.hidden = mode !== "percentile";
    this.sigmasLabel.hidden = mode !== "sigma";
    this.ofLabel.hidden = levels.mode !== "auto";
    setAttribute(this.mode, "title", LEVELS_MODES.find(([name]) => name === mode)?.[2]);
    setAttribute(this.auto, "aria-pressed", String(mode === "steady"));
    this.complain("");
    for (const field of [...this.percentiles, this.sigmas]) field.draw();
    this.draw();
  }

  /** Levels on screen; null: no picture, or one with its own colours. */
  setPresent(present: [number, number] | null): void {
    this.present = present;
    setAttribute(this.fixButton, "disabled", present === null);
    this.draw();
  }

  /** The levels in use. */
  get inUse(): [number, number] | null {
    return this.levels.mode === "manual" ? [this.levels.low, this.levels.high] : this.present;
  }

  complain(text: string): void {
    setText(this.problem, text);
    if (text === "") for (const input of [this.low, this.high]) setAttribute(input, "aria-invalid", null);
  }

  private percentileField(which: 0 | 1): NumberField {
    return new NumberField({
      label: which === 0 ? "Lower percentile" : "Upper percentile",
      testid: which === 0 ? "percentile-low" : "percentile-high",
      step: which === 0 ? 1 : 0.5,
      current: () => this.memory.now.percentiles[which],
      take: (value) => {
        const [low, high] = this.memory.now.percentiles;
        const percentiles: [number, number] = which === 0 ? [value, high] : [low, value];
        if (!arePercentiles(...percentiles)) return "Percentiles lie between 0 and 100, the lower below the upper.";
        this.onChange({ ...this.memory.now, rule: "percentile", percentiles });
        return null;
      },
      complain: (text) => this.complain(text),
    });
  }

  private draw(): void {
    const levels = this.inUse;
    const texts: [string, string] = levels === null ? ["", ""] : this.texts(levels);
    for (const [input, value, text] of [
      [this.low, levels?.[0], texts[0]],
      [this.high, levels?.[1], texts[1]],
    ] as const) {
      // All digits are in its title, and in the field while it is edited.
      setAttribute(input, "title", value === undefined || Number(text) === value ? null : String(value));
      input.style.setProperty("--figures", String(text.length));
      if (document.activeElement !== input && input.getAttribute("aria-invalid") !== "true" && input.value !== text)
        input.value = text;
    }
  }

  /** Both levels in few characters, but in as many as tell them apart. */
  private texts(levels: [number, number]): [string, string] {
    const short = levels.map((value) => shortNumber(value)) as [string, string];
    const all = this.levels.mode === "manual" || short[0] === short[1];
    return fittedNumbers(levels, all ? [String(levels[0]), String(levels[1])] : short, PHONE.matches ? 7 : 10);
  }

  private typed(): void {
    const low = this.typedIn(this.low, this.inUse?.[0]);
    const high = this.typedIn(this.high, this.inUse?.[1]);
    setAttribute(this.low, "aria-invalid", Number.isFinite(low) ? null : "true");
    setAttribute(this.high, "aria-invalid", Number.isFinite(high) ? null : "true");
    if (!Number.isFinite(low) || !Number.isFinite(high)) return this.complain("A level is a number, as 120 or 1.5e3.");
    if (low >= high) {
      setAttribute(document.activeElement === this.high ? this.high : this.low, "aria-invalid", "true");
      return this.complain("The low level must be below the high one.");
    }
    this.onChange({ mode: "manual", low, high });
  }

  /** A field that shows a shortened number, and is not the one that was typed into, stands for all of it. */
  private typedIn(input: HTMLInputElement, present: number | undefined): number {
    const untouched = input.title !== "" && input !== document.activeElement && present !== undefined;
    return untouched ? present : (typedNumber(input.value) ?? NaN);
  }

  /** Arrow keys move a level by a hundredth of the span, Escape takes back what was typed. */
  private step(event: KeyboardEvent, input: HTMLInputElement): void {
    const current = this.inUse;
    if (event.key === "Escape") {
      event.preventDefault();
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
    this.onChange({ mode: "manual", low: newLow, high: newHigh });
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
