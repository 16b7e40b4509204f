/** The counts of the values, drawn along the axis of values beside the ramp. */

import type { Analysis } from "../../contract";
import { el } from "../../ui/dom";
import { type ValueAxis, valueAt } from "./value-axis";

export type Histogram = NonNullable<Analysis["histogram"]>;

/** Between two drawings, ms: more would not be seen, and the picture comes first. */
const PAUSE_MS = 66;

/**
 * The largest count at each of so many places along the axis, from its low end: the largest and not the mean, so that
 * the few bins of saturated pixels stay visible.
 */
export function countsAlong({ counts, low, width }: Histogram, axis: ValueAxis, places: number): Float64Array {
  const found = new Float64Array(places);
  if (!(width > 0) || counts.length === 0) return found;
  let from = (valueAt(axis, 0) - low) / width;
  for (let place = 0; place < places; place += 1) {
    const to = (valueAt(axis, (place + 1) / places) - low) / width;
    const last = Math.min(counts.length - 1, Math.ceil(to) - 1);
    let most = 0;
    for (let bin = Math.max(0, Math.floor(from)); bin <= last; bin += 1) most = Math.max(most, counts[bin] ?? 0);
    found[place] = most;
    from = to;
  }
  return found;
}

/** Lengths of the bars, 0 ... 1; logarithmic ones tell a single pixel from none. */
export function barLengths(counts: Float64Array, logarithmic: boolean): Float64Array {
  const size = (count: number): number => (!logarithmic ? count : count > 0 ? 0.05 + 0.95 * Math.log10(1 + count) : 0);
  let largest = 0;
  for (const count of counts) largest = Math.max(largest, size(count));
  return largest > 0 ? counts.map((count) => size(count) / largest) : counts;
}

export class HistogramView {
  readonly canvas = el("canvas", { class: "histogram", "data-testid": "histogram", "aria-hidden": "true" });
  private histogram: Histogram | null = null;
  private axis: ValueAxis | null = null;
  private logarithmic = true;
  private colour = "";
  private drawnAt = -Infinity;
  private timer: number | undefined;

  constructor() {
    new ResizeObserver(() => this.soon()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colour = "";
      this.soon();
    });
  }

  set(histogram: Histogram | null): void {
    if (histogram === this.histogram) return;
    this.histogram = histogram;
    this.soon();
  }

  setAxis(axis: ValueAxis): void {
    if (axis === this.axis) return;
    this.axis = axis;
    this.soon();
  }

  setLogarithmic(logarithmic: boolean): void {
    this.logarithmic = logarithmic;
    this.soon();
  }

  private soon(): void {
    if (this.timer !== undefined) return;
    const wait = Math.max(0, this.drawnAt + PAUSE_MS - performance.now());
    this.timer = window.setTimeout(() => {
      this.timer = undefined;
      this.drawnAt = performance.now();
      this.draw();
    }, wait);
  }

  private draw(): void {
    const { canvas, histogram, axis } = this;
    const width = Math.round(canvas.clientWidth * devicePixelRatio);
    const height = Math.round(canvas.clientHeight * devicePixelRatio);
    const context = canvas.getContext("2d");
    if (context === null || width === 0 || height === 0) return;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    context.clearRect(0, 0, width, height);
    if (histogram === null || axis === null) return;
    this.colour ||= getComputedStyle(canvas).color;
    context.fillStyle = this.colour;
    const lengths = barLengths(countsAlong(histogram, axis, height), this.logarithmic);
    context.beginPath();
    lengths.forEach((length, place) => {
      if (length > 0) context.rect(0, height - 1 - place, Math.max(1, length * width), 1);
    });
    context.fill();
  }
}
