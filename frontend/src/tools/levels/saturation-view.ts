/** How many pixels are saturated, beside the pixel under the cursor; a press opens the setting. */

import type { Shown } from "../../contract";
import { isInteger } from "../../protocol/dtypes";
import { Disclosure } from "../../ui/disclosure";
import { el, setAttribute, setText } from "../../ui/dom";
import { typedNumber } from "../../ui/typed-number";
import { SATURATION_LEVELS, saturationText } from "./saturation";

const GUESSED = "guessed";
const NUMBER = "number";

export class SaturationView {
  private readonly button = el("button", {
    type: "button",
    class: "button saturation-button",
    "data-testid": "saturation",
  });
  private readonly choice = el(
    "select",
    { id: "saturation-choice", "data-testid": "saturation-choice" },
    el("option", { value: GUESSED }, "guessed"),
    ...SATURATION_LEVELS.map(([level, name]) => el("option", { value: level }, `${level} (${name})`)),
    el("option", { value: NUMBER }, "another number"),
  );
  private readonly number = el("input", {
    type: "text",
    inputmode: "decimal",
    class: "number",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "Saturation level",
    "aria-describedby": "saturation-problem",
    "data-testid": "saturation-level",
    hidden: true,
  });
  private readonly problem = el("span", { id: "saturation-problem", class: "problem", role: "alert" });
  private readonly text = el("p", { class: "saturation-text" });
  readonly element: HTMLElement;
  private readonly onChange: (level: number | null) => void;
  private level: number | null = null;

  constructor(initial: number | null, onChange: (level: number | null) => void) {
    this.onChange = onChange;
    const disclosure = new Disclosure(
      "saturation-panel",
      this.button,
      "Saturation of the camera",
      el("label", { class: "saturation-choice" }, "from ", this.choice, this.number),
      this.problem,
      this.text,
    );
    this.element = disclosure.element;
    this.element.classList.add("saturation");
    this.choice.addEventListener("change", () => this.chosen());
    this.number.addEventListener("change", () => this.typed());
    this.number.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.apply(this.level);
    });
    this.apply(initial);
    this.update(null);
  }

  /** Set from outside, as by the URL: no event. */
  apply(level: number | null): void {
    this.level = level;
    const known = SATURATION_LEVELS.some(([one]) => one === level);
    this.choice.value = level === null ? GUESSED : known ? String(level) : NUMBER;
    this.number.hidden = level === null || known;
    this.number.value = level === null ? "" : String(level);
    this.complain("");
  }

  update(shown: Shown | null): void {
    const counted = shown !== null && !shown.colour && shown.curve === null;
    this.button.hidden = !counted;
    if (!counted) return;
    const looked = isInteger(shown.sourceDtype) && (shown.crop === null || shown.numbers !== null);
    const { state, text, about } = saturationText(shown.saturation, looked);
    setText(this.button, text);
    setText(this.text, about);
    setAttribute(this.button, "title", about);
    setAttribute(this.button, "data-state", state);
  }

  private chosen(): void {
    const { value } = this.choice;
    this.number.hidden = value !== NUMBER;
    if (value === NUMBER) this.number.focus();
    else this.set(value === GUESSED ? null : Number(value));
  }

  private typed(): void {
    const level = typedNumber(this.number.value) ?? NaN;
    if (level > 0) this.set(level);
    else this.complain("The level is a number above 0, as 4095.");
  }

  private set(level: number | null): void {
    this.apply(level);
    this.onChange(level);
  }

  private complain(text: string): void {
    setText(this.problem, text);
    setAttribute(this.number, "aria-invalid", text === "" ? null : "true");
  }
}
