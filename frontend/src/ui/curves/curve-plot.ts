/** A curve drawn with uPlot: small in the table, or large with axes, cursor, zoom along x and a second, dashed line. */

import "../locale-guard";
import "uplot/dist/uPlot.min.css";
import uPlot from "uplot";
import { plotOptions, theme } from "./curve-look";
import { stickyRange } from "../ticks";

export interface CurvePlotOptions {
  axes: boolean;
  /** index under the cursor changed or its value did; null: nothing under it */
  onCursor?: (index: number | null) => void;
  /** a part of x is shown, or all of it again */
  onZoom?: (zoomed: boolean) => void;
}

/** What a curve is drawn over, instead of its index. */
export interface CurveOver {
  values: Float64Array;
  descending: boolean;
  label: string;
}

/** The part of x that is left and right of the cursor after a step of the keyboard. */
const ZOOM_STEP = 1.6;
/** Points that stay in sight. */
const FEWEST = 4;

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
  private descending = false;
  private label = "index";
  private x: Float64Array = new Float64Array(0);
  /** the part of x that is shown; null: all */
  private zoom: [number, number] | null = null;
  private readonly host: HTMLElement;
  private readonly options: CurvePlotOptions;

  constructor(host: HTMLElement, options: CurvePlotOptions) {
    this.host = host;
    this.options = options;
    if (theme.curve === "") theme.read();
    const look = plotOptions(host, options.axes, {
      label: () => this.label,
      limits: (low, high) => this.limits(low, high),
      cursor: () => this.reportCursor(),
      select: () => this.zoomToSelection(),
      whole: () => this.showAll(),
    });
    this.plot = new uPlot(look, options.axes ? [[], [], []] : [[], []], host);
    this.observer = new ResizeObserver(() => this.fitHost());
    this.observer.observe(host);
    plots.add(this);
  }

  /** `over`: null is the index. `peak`: a second line, of as many points. */
  update(values: Float64Array, over: CurveOver | null = null, peak: Float64Array | null = null): void {
    const label = over?.label ?? "index";
    const descending = over?.descending ?? false;
    if (values.length !== this.length || label !== this.label || descending !== this.descending) {
      this.length = values.length;
      this.label = label;
      this.descending = descending;
      this.range = null;
      this.setZoom(null);
    }
    // uPlot wants x to rise.
    const ordered = (of: Float64Array): Float64Array => (descending ? of.slice().reverse() : of);
    this.x = over === null ? indices(values.length) : ordered(over.values);
    const data: uPlot.AlignedData = [this.x, plottable(ordered(values))];
    if (this.options.axes)
      data.push(peak === null ? new Array<null>(values.length).fill(null) : plottable(ordered(peak)));
    if (this.zoom === null) this.plot.setData(data);
    else {
      this.plot.setData(data, false);
      this.applyZoom();
    }
    this.reportCursor();
  }

  /** Move the cursor by so many points, to the right if positive, from the middle when there is none. */
  moveCursor(by: number): void {
    const [first, last] = this.visible();
    const now = this.plot.cursor.idx ?? Math.floor((first + last) / 2);
    const index = Math.min(Math.max(now + by, first), last);
    const left = this.plot.valToPos(this.x[index] ?? 0, "x");
    this.plot.setCursor({ left, top: this.plot.over.clientHeight / 2 });
  }

  /** Shows less or more of x, around the cursor; `inwards` shows less. */
  zoomBy(inwards: boolean): void {
    const { min, max } = this.plot.scales["x"] ?? {};
    if (min == null || max == null) return;
    const factor = inwards ? 1 / ZOOM_STEP : ZOOM_STEP;
    const index = this.plot.cursor.idx;
    const at = (index == null ? undefined : this.x[index]) ?? (min + max) / 2;
    this.zoomTo(at - (at - min) * factor, at + (max - at) * factor);
  }

  /** Shows all of x. */
  showAll(): void {
    if (this.zoom === null) return;
    this.range = null;
    this.setZoom(null);
    this.plot.setData(this.plot.data);
    this.reportCursor();
  }

  redraw(): void {
    this.plot.redraw(false);
  }

  destroy(): void {
    plots.delete(this);
    this.observer.disconnect();
    this.plot.destroy();
  }

  private setZoom(zoom: [number, number] | null): void {
    const changed = (zoom === null) !== (this.zoom === null);
    this.zoom = zoom;
    if (changed) this.options.onZoom?.(zoom !== null);
  }

  private zoomTo(low: number, high: number): void {
    const first = this.x[0] ?? 0;
    const last = this.x[this.length - 1] ?? 0;
    if (low <= first && high >= last) return this.showAll();
    const [from, to] = [Math.max(low, first), Math.min(high, last)];
    // An axis may have more points in one place than in another: they are counted.
    if (to <= from || lowerBound(this.x, to) - lowerBound(this.x, from) < FEWEST) return;
    this.range = null;
    this.setZoom([from, to]);
    this.applyZoom();
    this.reportCursor();
  }

  private applyZoom(): void {
    if (this.zoom === null) return;
    const [min, max] = this.zoom;
    this.plot.setScale("x", { min, max });
    const { left = -1, top = 0 } = this.plot.cursor;
    if (left >= 0) this.plot.setCursor({ left, top });
  }

  private zoomToSelection(): void {
    const { left, width } = this.plot.select;
    this.plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (width > 0) this.zoomTo(this.plot.posToVal(left, "x"), this.plot.posToVal(left + width, "x"));
  }

  /** First and last index that are in sight, as uPlot has them. */
  private visible(): [number, number] {
    if (this.zoom === null) return [0, this.length - 1];
    return [lowerBound(this.x, this.zoom[0]), Math.max(lowerBound(this.x, this.zoom[1]) - 1, 0)];
  }

  private fitHost(): void {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width > 0 && height > 0 && (width !== this.plot.width || height !== this.plot.height))
      this.plot.setSize({ width, height });
  }

  /** The cursor's index is told as the source counts. */
  private reportCursor(): void {
    const index = this.plot.cursor.idx ?? null;
    const inside = index !== null && index < this.length;
    this.options.onCursor?.(inside ? (this.descending ? this.length - 1 - index : index) : null);
  }

  private limits(low: number | null, high: number | null): [number, number] {
    if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
    this.range = stickyRange(this.range, low, high);
    return this.range;
  }
}

/** Number of values below this one in a rising axis. */
function lowerBound(axis: Float64Array, value: number): number {
  let low = 0;
  let high = axis.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((axis[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
