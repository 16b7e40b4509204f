/** A field for one number: Enter applies, Escape restores, the arrow keys step. */

import { el, setAttribute } from "./dom";
import { typedNumber } from "./typed-number";

export interface FieldSpec {
  label: string;
  testid: string;
  /** the number that counts now */
  current(): number;
  /** takes a number, or says what is wrong with it */
  take(value: number): string | null;
  /** what an arrow key adds */
  step: number;
  complain(text: string): void;
}

export class NumberField {
  readonly input: HTMLInputElement;
  private readonly spec: FieldSpec;

  constructor(spec: FieldSpec) {
    this.spec = spec;
    this.input = el("input", {
      type: "text",
      inputmode: "decimal",
      class: "number number-short",
      autocomplete: "off",
      spellcheck: "false",
      "aria-label": spec.label,
      title: spec.label,
      "data-testid": spec.testid,
    });
    this.input.addEventListener("change", () => this.set(typedNumber(this.input.value)));
    this.input.addEventListener("keydown", (event) => this.key(event));
  }

  /** Shows the number that counts, unless somebody is typing. */
  draw(): void {
    if (document.activeElement !== this.input) this.restore();
  }

  private restore(): void {
    setAttribute(this.input, "aria-invalid", null);
    const text = String(this.spec.current());
    if (this.input.value !== text) this.input.value = text;
  }

  private set(value: number | null): void {
    const { label } = this.spec;
    const problem = value === null ? `${label}: a number is needed, as 2 or 0.5.` : this.spec.take(value);
    setAttribute(this.input, "aria-invalid", problem === null ? null : "true");
    this.spec.complain(problem ?? "");
    if (problem === null) this.restore();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.preventDefault();
      this.spec.complain("");
      this.restore();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const by = this.spec.step * (event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 10 : 1);
      const next = Number((this.spec.current() + by).toPrecision(9));
      // A key at the end of what is possible does nothing; only typing is complained about.
      if (this.spec.take(next) === null) this.restore();
    }
  }
}
