/** Value, row and column under the cursor. */

import type { FromWorker, Shown } from "../contract";
import { el, setText } from "./dom";
import { shortNumber } from "./format";
import type { Pixel } from "./stage";
import type { CurvePoint } from "./stage-curve";

/** A value of another frame than the one on screen may stand so long, ms. */
const PATIENCE = 300;

export class Readout {
  private readonly value = el("span", { class: "readout-value", "data-testid": "readout-value" });
  private readonly place = el("span", { class: "readout-place", "data-testid": "readout-place" });
  readonly element = el(
    "p",
    { class: "readout", "data-testid": "readout", "aria-label": "Pixel under the cursor" },
    this.place,
    this.value,
  );

  private pixel: Pixel | null = null;
  private answer: Extract<FromWorker, { type: "cursor" }> | null = null;
  private matchedAt = 0;
  private curve: CurvePoint | null = null;
  private ofCurve = false;
  /** a finger does not hover */
  private readonly touch = matchMedia("(hover: none)").matches;

  constructor() {
    this.draw();
  }

  setPixel(pixel: Pixel | null): void {
    this.pixel = pixel;
    this.draw();
  }

  /** The worker's answer; it counts only for the pixel that is asked for now. */
  setAnswer(answer: Extract<FromWorker, { type: "cursor" }>, now: number): void {
    this.answer = answer;
    this.matchedAt = now;
    this.draw();
  }

  /** Point of a curve in the image area. */
  setCurve(point: CurvePoint | null): void {
    this.curve = point;
    this.draw();
  }

  /** Pixels of an image, or points of a curve. */
  setKind(curve: boolean): void {
    if (curve === this.ofCurve) return;
    this.ofCurve = curve;
    this.clear();
  }

  clear(): void {
    this.answer = null;
    this.curve = null;
    this.draw();
  }

  /** Drop a value that belongs to another frame than the picture on screen. */
  check(shown: Shown | null, now: number): void {
    if (this.answer === null) return;
    if (shown !== null && this.answer.sequence === shown.pulse.sequence) this.matchedAt = now;
    else if (now - this.matchedAt > PATIENCE) this.clear();
  }

  private nothing(): string {
    const what = this.ofCurve ? "point" : "pixel";
    return this.touch ? `tap a ${what} to read it` : `no ${what} under the cursor`;
  }

  private draw(): void {
    if (this.curve !== null) {
      setText(this.value, shortNumber(this.curve.value));
      setText(this.place, `index ${this.curve.index}`);
    } else if (this.pixel === null) {
      setText(this.value, "");
      setText(this.place, this.nothing());
    } else {
      const { row, column } = this.pixel;
      const known = this.answer !== null && this.answer.row === row && this.answer.column === column;
      setText(this.value, known ? (this.answer?.text ?? "") : "…");
      setText(this.place, `row ${row}, column ${column}`);
    }
  }
}
