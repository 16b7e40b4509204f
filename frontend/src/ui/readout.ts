/** Value, row and column under the cursor. */

import type { CursorState, FromWorker, Shown } from "../contract";
import { el, setAttribute, setText } from "./dom";
import { shortNumber } from "./format";
import { type Axes, isCalibrated, PIXEL_AXES, positionText } from "./stage/measure";
import type { Pixel } from "./stage/probe";
import type { CurvePoint } from "./curves/stage-curve";

/** A value of another frame than the one on screen may stand so long, ms. */
const PATIENCE = 300;

/** Instead of a value that is not there, and before one that was rounded. */
const WORDS: Record<CursorState, string> = {
  exact: "",
  rounded: "≈ ",
  waiting: "waiting for the exact value",
  outside: "no exact value here yet",
};
const TITLES: Partial<Record<CursorState, string>> = {
  rounded: "The value was rounded to a 32-bit float on its way. Choose exact, or pause, for all of its digits.",
  waiting: "A preview is shown; the exact pixels around the cursor come with the next ones.",
  outside: "Only a part of the image was sent; the rest of what is in view follows.",
};

export class Readout {
  private readonly value = el("span", { class: "readout-value", "data-testid": "readout-value" });
  private readonly place = el("span", { class: "readout-place", "data-testid": "readout-place" });
  /** the position on calibrated axes, and what markers or ruler measure */
  private readonly position = el("span", { class: "readout-position", "data-testid": "readout-position" });
  private readonly measured = el("span", { class: "readout-measured", "data-testid": "readout-measured" });
  readonly element = el(
    "p",
    { class: "readout", "data-testid": "readout", "aria-label": "Pixel under the cursor" },
    this.place,
    this.value,
    this.position,
    this.measured,
  );

  private pixel: Pixel | null = null;
  private answer: Extract<FromWorker, { type: "cursor" }> | null = null;
  private matchedAt = 0;
  private curve: CurvePoint | null = null;
  private ofCurve = false;
  private axes: Axes = PIXEL_AXES;
  /** a finger does not hover */
  private readonly touch = matchMedia("(hover: none)").matches;

  constructor() {
    this.draw();
  }

  setPixel(pixel: Pixel | null): void {
    this.pixel = pixel;
    this.draw();
  }

  /** Positions are told on these axes, too, where they are calibrated. */
  setAxes(axes: Axes): void {
    this.axes = axes;
    this.draw();
  }

  /** What is measured in the picture; "": nothing is. */
  setMeasured(text: string): void {
    setText(this.measured, text);
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
    const { pixel, answer } = this;
    const known = pixel !== null && answer !== null && answer.row === pixel.row && answer.column === pixel.column;
    const state = this.curve === null && known ? answer.state : "exact";
    setAttribute(this.value, "data-state", state === "exact" ? null : state);
    setAttribute(this.value, "title", TITLES[state]);
    const told = this.curve === null && pixel !== null && isCalibrated(this.axes);
    setText(this.position, told ? positionText({ x: pixel.column, y: pixel.row }, this.axes) : "");
    if (this.curve !== null) {
      const { value } = this.curve;
      setText(this.value, typeof value === "string" ? value : shortNumber(value));
      setText(this.place, `index ${this.curve.index}`);
    } else if (this.pixel === null) {
      setText(this.value, "");
      setText(this.place, this.nothing());
    } else {
      const { row, column } = this.pixel;
      const processed = known && answer.processed !== null ? ` → ${answer.processed}` : "";
      setText(this.value, known ? `${WORDS[state]}${answer.text}${processed}` : "…");
      setText(this.place, `row ${row}, column ${column}`);
    }
  }
}
