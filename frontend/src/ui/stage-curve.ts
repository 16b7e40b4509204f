/** A stream without images: its largest array is drawn as a curve in the image area. */

import type { ArrayValue } from "../contract";
import { curveKey } from "./curve-panel";
import { CurvePlot } from "./curve-plot";

export interface CurvePoint {
  index: number;
  value: number;
}

export class StageCurve {
  private plot: CurvePlot | null = null;
  private curve: ArrayValue | null = null;
  private readonly host: HTMLElement;
  private readonly canvas: HTMLElement;
  private readonly onPoint: (point: CurvePoint | null) => void;

  constructor(host: HTMLElement, canvas: HTMLElement, onPoint: (point: CurvePoint | null) => void) {
    this.host = host;
    this.canvas = canvas;
    this.onPoint = onPoint;
    host.addEventListener("keydown", (event) => curveKey(event, this.plot));
  }

  /** Draw this curve instead of the canvas; null: the canvas again. */
  show(curve: ArrayValue | null): void {
    this.curve = curve;
    this.host.hidden = curve === null;
    this.canvas.hidden = curve !== null;
    if (curve === null) {
      this.plot?.destroy();
      this.plot = null;
      return;
    }
    this.plot ??= new CurvePlot(this.host, { axes: true, onCursor: (index) => this.report(index) });
    this.plot.update(curve.values);
  }

  private report(index: number | null): void {
    const value = index === null ? undefined : this.curve?.values[index];
    this.onPoint(index === null || value === undefined ? null : { index, value });
  }
}
