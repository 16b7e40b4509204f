/** A stream without images: its largest array is drawn as a curve in the image area. */

import type { ArrayValue, PulseValues } from "../../contract";
import { el, setText } from "../dom";
import { Waveform } from "./waveform";

export interface CurvePoint {
  index: number;
  /** as text, where a double does not hold it */
  value: number | string;
}

export class StageCurve {
  private curve: ArrayValue | null = null;
  private readonly host: HTMLElement;
  private readonly canvas: HTMLElement;
  private readonly waveform: Waveform;

  constructor(host: HTMLElement, canvas: HTMLElement, onPoint: (point: CurvePoint | null) => void) {
    this.host = host;
    this.canvas = canvas;
    const plot = el("div", { class: "curve-host" });
    const text = el("span", { class: "curve-value", "data-testid": "stage-curve-value" });
    this.waveform = new Waveform(plot, "stage-curve", (index, words) => {
      setText(text, words);
      const exact = index === null ? undefined : this.curve?.exact?.[index];
      const value = index === null ? undefined : exact === undefined ? this.curve?.values[index] : String(exact);
      onPoint(index === null || value === undefined ? null : { index, value });
    });
    host.append(el("div", { class: "curve-head" }, this.waveform.tools), text, plot);
    host.addEventListener("keydown", (event) => this.waveform.key(event));
  }

  /** Draw this curve of a channel instead of the canvas, with the values of its pulse; null: the canvas again. */
  show(curve: ArrayValue | null, channel: string, values: PulseValues | null): void {
    if (curve === null && this.curve === null) return;
    this.curve = curve;
    this.host.hidden = curve === null;
    this.canvas.hidden = curve !== null;
    if (curve === null) this.waveform.clear();
    else this.waveform.update(channel, curve, values);
  }
}
