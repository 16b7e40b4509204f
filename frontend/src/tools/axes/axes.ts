/** Axes at the left and the lower edge of the stage, on canvases of their own: they hide no pixel of the picture. */

import { axisAt, axisIndex, axisUnit } from "../../analysis/axis";
import { el, setAttribute } from "../../ui/dom";
import type { Axes } from "../../ui/stage/measure";
import type { Placing } from "../../ui/stage/placing";
import type { Place } from "../../ui/settings";
import { niceTicks, scaleLabels } from "../../ui/ticks";

interface AxisTick {
  /** CSS pixels from the left or upper end of the stage */
  at: number;
  label: string;
}

export interface Ruled {
  /** axis of the source's image that runs along this edge */
  name: "x" | "y";
  unit: string;
  ticks: AxisTick[];
  /** what is to be added to each label; "": nothing */
  offset: string;
}

/** CSS pixels for each tick: labels lie side by side below the picture, and one above the other beside it. */
const ROOM = { x: 84, y: 44 } as const;
const FONT = '11px system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
const TICK = 5;

/** What is written along an edge of the stage: round numbers of its axis, where the image is seen. */
export function ruled(edge: "x" | "y", placing: Placing, axes: Axes): Ruled {
  const name = placing.view.orientation.transpose === (edge === "x") ? "y" : "x";
  const axis = axes[name];
  const { width, height } = placing.image;
  const box = placing.boxOf({ x: 0, y: 0, width, height });
  const [start, size, stage] =
    edge === "x" ? [box.x, box.width, placing.size.width] : [box.y, box.height, placing.size.height];
  const [low, high] = [Math.max(0, start), Math.min(stage, start + size)];
  const index = (at: number): number => placing.toImage(edge === "x" ? { x: at, y: 0 } : { x: 0, y: at })[name];
  const ends = [axisAt(axis, index(low)), axisAt(axis, index(high))];
  const unit = axisUnit(axis);
  if (!(high > low)) return { name, unit, ticks: [], offset: "" };
  const most = Math.max(1, Math.floor((high - low) / ROOM[edge]));
  const values = niceTicks(Math.min(...ends), Math.max(...ends), most)
    // Between two pixels there is no place to count: not "2.5 px".
    .filter((value) => axis.kind !== "pixel" || Number.isInteger(value));
  const { labels, offset } = scaleLabels(values);
  const ticks = values.flatMap((value, nth) => {
    const place = axisIndex(axis, value);
    if (place === null) return [];
    const other: Place = name === "x" ? { x: place, y: 0 } : { x: 0, y: place };
    return [{ at: placing.toStage(other)[edge], label: labels[nth] ?? "" }];
  });
  return { name, unit, ticks, offset };
}

export class AxisStrips {
  /** the axis beside the picture, and the one below it */
  readonly left = strip("y");
  readonly lower = strip("x");
  private placing: Placing | null = null;
  private axes: Axes;
  private pixel: { row: number; column: number } | null = null;
  private requested = false;

  constructor(axes: Axes) {
    this.axes = axes;
    new ResizeObserver(() => this.invalidate()).observe(this.left);
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.invalidate());
  }

  setPlacing(placing: Placing | null): void {
    this.placing = placing;
    this.invalidate();
  }

  setAxes(axes: Axes): void {
    if (axes === this.axes) return;
    this.axes = axes;
    this.invalidate();
  }

  /** The pixel that is read out is shown on both axes. */
  setPixel(pixel: { row: number; column: number } | null): void {
    this.pixel = pixel;
    this.invalidate();
  }

  setVisible(visible: boolean): void {
    this.left.hidden = this.lower.hidden = !visible;
  }

  private invalidate(): void {
    if (this.requested) return;
    this.requested = true;
    requestAnimationFrame(() => {
      this.requested = false;
      this.draw(this.left, "y");
      this.draw(this.lower, "x");
    });
  }

  private draw(canvas: HTMLCanvasElement, edge: "x" | "y"): void {
    const { clientWidth: width, clientHeight: height } = canvas;
    const context = canvas.getContext("2d");
    if (context === null || width === 0 || height === 0) return;
    const ratio = Math.max(devicePixelRatio, 1);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const { placing } = this;
    if (placing === null) {
      setAttribute(canvas, "aria-label", "Axis without picture");
      return;
    }
    const { name, unit, ticks, offset } = ruled(edge, placing, this.axes);
    setAttribute(
      canvas,
      "aria-label",
      `${name} in ${unit}: ${offset === "" ? "" : `${offset} plus `}${ticks.map(({ label }) => label).join(", ")}`,
    );
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(canvas);
    context.strokeStyle = context.fillStyle = style.getPropertyValue("--muted");
    context.font = FONT;
    const title = `${name} / ${unit}${offset === "" ? "" : `, ${offset} +`}`;
    const taken = context.measureText(title).width + 10;
    if (edge === "x") drawLower(context, ticks, width, title, taken);
    else drawLeft(context, ticks, width, title);
    if (this.pixel !== null) {
      const at = placing.toStage({ x: this.pixel.column, y: this.pixel.row })[edge];
      drawCursor(context, edge, at, edge === "x" ? height : width, style.getPropertyValue("--accent"));
    }
  }
}

function strip(edge: "x" | "y"): HTMLCanvasElement {
  return el("canvas", {
    class: `axis axis-${edge === "x" ? "lower" : "left"}`,
    role: "img",
    "aria-label": "Axis without picture",
    "data-testid": `axis-${edge}`,
  });
}

function drawLower(
  context: CanvasRenderingContext2D,
  ticks: readonly AxisTick[],
  width: number,
  title: string,
  taken: number,
): void {
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.fillText(title, width - 3, 13);
  context.textAlign = "center";
  context.beginPath();
  for (const { at, label } of ticks) {
    context.moveTo(Math.round(at) + 0.5, 0);
    context.lineTo(Math.round(at) + 0.5, TICK);
    const half = context.measureText(label).width / 2;
    if (at + half < width - taken && at - half > 0) context.fillText(label, at, 13);
  }
  context.stroke();
}

function drawLeft(context: CanvasRenderingContext2D, ticks: readonly AxisTick[], width: number, title: string): void {
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillText(title, width - 3, 9);
  context.beginPath();
  for (const { at, label } of ticks) {
    context.moveTo(width - TICK, Math.round(at) + 0.5);
    context.lineTo(width, Math.round(at) + 0.5);
    if (at > 24) context.fillText(label, width - TICK - 3, at);
  }
  context.stroke();
}

function drawCursor(
  context: CanvasRenderingContext2D,
  edge: "x" | "y",
  at: number,
  depth: number,
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(edge === "x" ? at : 0, edge === "x" ? 0 : at);
  context.lineTo(edge === "x" ? at : depth, edge === "x" ? depth : at);
  context.stroke();
}
