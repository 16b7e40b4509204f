/** A curve over its index, drawn with uPlot: small in the table, or large with axes, cursor and value. */

import "./locale-guard";
import uPlot from "uplot";
import { shortNumber } from "./format";
import { stickyRange } from "./ticks";

export interface CurvePlotOptions {
  axes: boolean;
  /** index under the cursor changed or its value did; null: nothing under it */
  onCursor?: (index: number | null) => void;
}

const indexCache = new Map<number, Float64Array>();

function indices(length: number): Float64Array {
  let found = indexCache.get(length);
  if (found === undefined) {
    if (indexCache.size > 16) indexCache.clear();
    found = Float64Array.from({ length }, (_, index) => index);
    indexCache.set(length, found);
  }
  return found;
}

/** uPlot draws gaps at null only; NaN and infinities would be bridged or break its scale. */
function plottable(values: Float64Array): Float64Array | (number | null)[] {
  return values.every(Number.isFinite)
    ? values
    : Array.from(values, (value) => (Number.isFinite(value) ? value : null));
}

function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Colours of the running scheme, read once for each change of scheme. */
const theme = {
  curve: "",
  text: "",
  grid: "",
  read(): void {
    theme.curve = cssColour("--curve");
    theme.text = cssColour("--muted");
    theme.grid = cssColour("--line");
  },
};

const plots = new Set<CurvePlot>();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  theme.read();
  for (const plot of plots) plot.redraw();
});

export class CurvePlot {
  private readonly plot: uPlot;
  private readonly observer: ResizeObserver;
  private range: [number, number] | null = null;
  private length = 0;
  private positions: Float64Array = new Float64Array(0);
  private readonly host: HTMLElement;
  private readonly options: CurvePlotOptions;

  constructor(host: HTMLElement, options: CurvePlotOptions) {
    this.host = host;
    this.options = options;
    if (theme.curve === "") theme.read();
    this.plot = new uPlot(this.uplotOptions(), [[], []], host);
    this.observer = new ResizeObserver(() => this.fitHost());
    this.observer.observe(host);
    plots.add(this);
  }

  /** `positions`: of the values along x, ascending; their indices by default. */
  update(values: Float64Array, positions: Float64Array = indices(values.length)): void {
    this.positions = positions;
    if (values.length !== this.length) {
      this.length = values.length;
      this.range = null;
    }
    this.plot.setData([positions, plottable(values)]);
    this.reportCursor();
  }

  /** Move the cursor by so many points, from the middle when there is none. */
  moveCursor(by: number): void {
    const now = this.plot.cursor.idx ?? Math.floor(this.length / 2);
    const index = Math.min(Math.max(now + by, 0), this.length - 1);
    this.plot.setCursor({
      left: this.plot.valToPos(this.positions[index] ?? index, "x"),
      top: this.plot.over.clientHeight / 2,
    });
  }

  redraw(): void {
    this.plot.redraw(false);
  }

  destroy(): void {
    plots.delete(this);
    this.observer.disconnect();
    this.plot.destroy();
  }

  private fitHost(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width > 0 && height > 0 && (width !== this.plot.width || height !== this.plot.height))
      this.plot.setSize({ width, height });
  }

  private reportCursor(): void {
    const index = this.plot.cursor.idx ?? null;
    this.options.onCursor?.(index !== null && index < this.length ? index : null);
  }

  private uplotOptions(): uPlot.Options {
    const { axes } = this.options;
    const axis = (vertical: boolean): uPlot.Axis => ({
      stroke: () => theme.text,
      grid: { stroke: () => theme.grid, width: 1 },
      ticks: { stroke: () => theme.grid, width: 1, size: 5 },
      font: "12px system-ui, sans-serif",
      size: vertical ? 64 : 28,
      values: (_: uPlot, splits: number[]) => splits.map(shortLabel),
    });
    return {
      width: Math.max(this.host.clientWidth, 10),
      height: Math.max(this.host.clientHeight, 10),
      pxAlign: axes ? 1 : 0,
      padding: axes ? [12, 16, 0, 0] : [3, 1, 3, 1],
      legend: { show: false },
      cursor: axes ? { drag: { x: false, y: false, setScale: false }, y: false } : { show: false },
      scales: {
        x: {
          time: false,
          range: (_, low, high) => [low ?? 0, (high ?? 0) > (low ?? 0) ? (high ?? 1) : (low ?? 0) + 1],
        },
        y: { range: (_, low, high) => this.limits(low, high) },
      },
      axes: axes ? [axis(false), axis(true)] : [{ show: false }, { show: false }],
      series: [{}, { stroke: () => theme.curve, width: axes ? 1.5 : 1.25, points: { show: false }, spanGaps: false }],
      hooks: { setCursor: [() => this.reportCursor()] },
    };
  }

  private limits(low: number | null, high: number | null): [number, number] {
    if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
    this.range = stickyRange(this.range, low, high);
    return this.range;
  }
}

function shortLabel(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e6 || size < 1e-3)
    ? value.toExponential(1)
    : shortNumber(Number(value.toPrecision(6)));
}
