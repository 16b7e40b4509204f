/** Small controls of the panels: switches, choices and fields with a label. */

import { el, setAttribute, setText } from "../dom";
import { typedNumber } from "../typed-number";

export function toggleButton(text: string, testId: string, onClick: () => void): HTMLButtonElement {
  const button = el(
    "button",
    { type: "button", class: "button toggle", "data-testid": testId, "aria-pressed": "false" },
    text,
  );
  button.addEventListener("click", onClick);
  return button;
}

export function actionButton(text: string, testId: string, onClick: () => void): HTMLButtonElement {
  const button = el("button", { type: "button", class: "button", "data-testid": testId }, text);
  button.addEventListener("click", onClick);
  return button;
}

export function setPressed(button: HTMLButtonElement, pressed: boolean): void {
  setAttribute(button, "aria-pressed", String(pressed));
}

/** A choice between values that never change. */
export class Choice<T extends string> {
  readonly select: HTMLSelectElement;
  readonly element: HTMLLabelElement;

  constructor(label: string, testId: string, options: readonly (readonly [T, string])[], onChange: (value: T) => void) {
    this.select = el(
      "select",
      { "data-testid": testId },
      ...options.map(([value, text]) => el("option", { value }, text)),
    );
    this.element = el("label", { class: "entry" }, `${label} `, this.select);
    this.select.addEventListener("change", () => {
      const found = options.find(([value]) => value === this.select.value);
      if (found !== undefined) onChange(found[0]);
    });
  }

  set(value: T): void {
    if (this.select.value !== value) this.select.value = value;
  }
}

export interface NumberFieldOptions {
  /** an empty field is no fault */
  empty: boolean;
  /** what is wrong with a number; null: nothing */
  check(value: number): string | null;
  /** null: the field is empty */
  onChange(value: number | null): void;
  /** "": nothing is wrong any more */
  onProblem(text: string): void;
}

/** A field for one number that says what is wrong with it. */
export class NumberField {
  readonly input: HTMLInputElement;
  readonly element: HTMLLabelElement;
  private readonly options: NumberFieldOptions;
  private value: number | null = null;

  constructor(label: string, testId: string, options: NumberFieldOptions) {
    this.options = options;
    this.input = el("input", {
      type: "text",
      inputmode: "decimal",
      class: "number",
      autocomplete: "off",
      spellcheck: "false",
      "data-testid": testId,
    });
    this.element = el("label", { class: "entry" }, `${label} `, this.input);
    this.input.addEventListener("change", () => this.typed());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.problem(null);
      this.input.value = textOf(this.value);
    });
  }

  set(value: number | null): void {
    this.value = value;
    if (document.activeElement === this.input || this.input.getAttribute("aria-invalid") === "true") return;
    const text = textOf(value);
    if (this.input.value !== text) this.input.value = text;
  }

  private typed(): void {
    const value = typedNumber(this.input.value);
    if (value === null && this.input.value.trim() === "" && this.options.empty) {
      this.problem(null);
      this.options.onChange(null);
      return;
    }
    const wrong = value === null ? "This is not a number." : this.options.check(value);
    this.problem(wrong);
    if (wrong === null) this.options.onChange(value);
  }

  private problem(text: string | null): void {
    setAttribute(this.input, "aria-invalid", text === null ? null : "true");
    this.options.onProblem(text ?? "");
  }
}

/** A line that says what is wrong, aloud; invisible while it is empty. */
export function problemLine(testId: string): { element: HTMLElement; say(text: string): void } {
  const element = el("p", { class: "problem", role: "alert", "data-testid": testId });
  return { element, say: (text) => setText(element, text) };
}

function textOf(value: number | null): string {
  return value === null ? "" : String(value);
}
