/** How uPlot is set up for the page's curves: colours of the scheme, axes, cursor. */

import type uPlot from "uplot";
import { scaleLabels } from "../ticks";

/** What the options call back for. */
export interface PlotEvents {
  label(): string;
  limits(low: number | null, high: number | null): [number, number];
  cursor(): void;
  /** a part of x was dragged over */
  select(): void;
  /** a double click */
  whole(): void;
}

function cssColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Colours of the running scheme, read once for each change of scheme. */
export const theme = {
  curve: "",
  peak: "",
  text: "",
  grid: "",
  read(): void {
    theme.curve = cssColour("--curve");
    theme.peak = cssColour("--warning");
    theme.text = cssColour("--muted");
    theme.grid = cssColour("--line");
  },
};

export function plotOptions(host: HTMLElement, axes: boolean, events: PlotEvents): uPlot.Options {
  const offsets = { x: "", y: "" };
  const axis = (vertical: boolean): uPlot.Axis => ({
    stroke: () => theme.text,
    grid: { stroke: () => theme.grid, width: 1 },
    ticks: { stroke: () => theme.grid, width: 1, size: 5 },
    font: "12px system-ui, sans-serif",
    size: vertical ? 64 : 28,
    values: (_: uPlot, splits: number[]) => {
      const { labels, offset } = scaleLabels(splits);
      offsets[vertical ? "y" : "x"] = offset;
      return labels;
    },
    ...(vertical
      ? {}
      : {
          label: () => `${events.label()}${offsets.x === "" ? "" : `, ${offsets.x} +`}`,
          labelSize: 16,
          labelGap: 0,
          labelFont: "12px system-ui, sans-serif",
        }),
  });
  return {
    width: Math.max(host.clientWidth, 10),
    height: Math.max(host.clientHeight, 10),
    pxAlign: axes ? 1 : 0,
    padding: axes ? [12, 16, 0, 0] : [3, 1, 3, 1],
    legend: { show: false },
    cursor: axes
      ? {
          drag: { x: true, y: false, setScale: false, dist: 6 },
          y: false,
          bind: {
            dblclick: () => () => {
              events.whole();
              return null;
            },
          },
        }
      : { show: false },
    scales: {
      x: {
        time: false,
        range: (_, low, high) => [low ?? 0, (high ?? 0) > (low ?? 0) ? (high ?? 1) : (low ?? 0) + 1],
      },
      y: { range: (_, low, high) => events.limits(low, high) },
    },
    axes: axes ? [axis(false), axis(true)] : [{ show: false }, { show: false }],
    series: [
      {},
      { stroke: () => theme.curve, width: axes ? 1.5 : 1.25, points: { show: false }, spanGaps: false },
      ...(axes
        ? [{ stroke: () => theme.peak, width: 1.25, dash: [5, 4], points: { show: false }, spanGaps: false }]
        : []),
    ],
    hooks: {
      setCursor: [() => events.cursor()],
      setSelect: [() => events.select()],
      draw: [(plot) => drawOffset(plot, axes ? offsets.y : "")],
    },
  };
}

/** Above the vertical axis, what is to be added to its labels. */
function drawOffset({ ctx, bbox }: uPlot, offset: string): void {
  if (offset === "") return;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.fillStyle = theme.text;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  ctx.fillText(`${offset} +`, 2 * devicePixelRatio, Math.max(0, bbox.top - 12 * devicePixelRatio));
  ctx.restore();
}
