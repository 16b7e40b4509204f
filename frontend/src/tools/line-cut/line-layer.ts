/** The line whose values are plotted, over the picture: drawn with its tool, taken by its ends. */

import type { RoiShape } from "../../contract";
import type { Grab, Handler, PointerHow, Tools } from "../../ui/stage/handling";
import type { Layer, Overlay } from "../../ui/stage/overlay";
import type { Placing } from "../../ui/stage/placing";
import { changed, fromDrag, type RoiPart } from "../../ui/stage/shape-edit";
import { cursorOf, partAt } from "../../ui/stage/shape-handles";
import type { SettingsStore } from "../../ui/settings";
import type { LineSettings } from "./settings";
import type { Point } from "../../ui/stage/view";

const COLOUR = "#ff7bf2";
const DARK = "rgb(10 11 13 / 78%)";
const BAND = "rgb(255 123 242 / 22%)";
const END = 4.5;

type LineShape = Extract<RoiShape, { kind: "line" }>;

export class LineLayer implements Layer, Handler {
  readonly level = "lines";
  readonly rank = "lines";
  private readonly settings: SettingsStore;
  private readonly tools: Tools;
  /** where the cursor of the plot is, in pixels from the start; null: nowhere */
  private mark: number | null = null;
  private readonly overlay: Overlay;

  constructor(settings: SettingsStore, tools: Tools, overlay: Overlay) {
    this.settings = settings;
    this.tools = tools;
    this.overlay = overlay;
    settings.watch(["line"], () => overlay.invalidate());
  }

  /** Shows a place of the plot on the line. */
  setMark(distance: number | null): void {
    if (distance === this.mark) return;
    this.mark = distance;
    this.overlay.invalidate();
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { line } = this.settings.now;
    if (line === null) return false;
    const from = placing.toStage({ x: line.x0, y: line.y0 });
    const to = placing.toStage({ x: line.x1, y: line.y1 });
    const path = (): void => {
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    };
    if (line.width > 1) {
      bandPath(context, line, placing);
      context.fillStyle = BAND;
      context.fill();
    }
    path();
    context.lineWidth = 4;
    context.strokeStyle = DARK;
    context.stroke();
    context.lineWidth = 2;
    context.strokeStyle = COLOUR;
    context.stroke();
    // The first end is a disc, the other one a ring: it tells which way the plot runs.
    dot(context, from, COLOUR);
    dot(context, to, "#14171a");
    const length = Math.hypot(line.x1 - line.x0, line.y1 - line.y0);
    if (this.mark !== null && length > 0) {
      const part = Math.min(this.mark / length, 1);
      dot(context, { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }, "#ffffff");
    }
  }

  grab(at: Point, placing: Placing, how: PointerHow): Grab | null {
    const before = this.settings.now.line;
    const from = placing.toImage(at);
    if (this.tools.current === "line") {
      return this.dragging(before, true, (to, even) => fromDrag("line", from, to, placing.image, even));
    }
    const part = this.partAt(at, placing, how.reach);
    if (part === null || before === null) return null;
    const shape = shapeOf(before);
    return this.dragging(before, false, (to, even) => changed(shape, part, from, to, placing.image, even));
  }

  cursor(at: Point, placing: Placing, how: PointerHow): string | null {
    if (this.tools.current === "line") return "crosshair";
    const { line } = this.settings.now;
    const part = this.partAt(at, placing, how.reach);
    return part === null || line === null ? null : cursorOf(shapeOf(line), part, placing);
  }

  private partAt(at: Point, placing: Placing, reach: number): RoiPart | null {
    const { line } = this.settings.now;
    return line === null || this.tools.current !== "pan" ? null : partAt(shapeOf(line), at, placing, reach);
  }

  private dragging(
    before: LineSettings | null,
    isNew: boolean,
    shapeAt: (to: { x: number; y: number }, even: boolean) => RoiShape | null,
  ): Grab {
    let drawn = false;
    return {
      move: (at, placing, how) => {
        const shape = shapeAt(placing.toImage(at), how.shift);
        if (shape?.kind !== "line") return;
        drawn = true;
        const { x0, y0, x1, y1 } = shape;
        this.settings.set({ line: { x0, y0, x1, y1, width: before?.width ?? 1 } });
      },
      end: (cancelled) => {
        if (cancelled && drawn) this.settings.set({ line: before });
        else if (isNew && drawn) this.tools.choose("pan");
      },
    };
  }
}

function shapeOf({ x0, y0, x1, y1 }: LineSettings): LineShape {
  return { kind: "line", x0, y0, x1, y1 };
}

/** What a wide line takes in; not a wide stroke, because pixels need not be square on the stage. */
function bandPath(context: CanvasRenderingContext2D, line: LineSettings, placing: Placing): void {
  const { x0, y0, x1, y1, width } = line;
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [across, down] =
    length === 0 ? [0, 0] : [(-(y1 - y0) / length) * (width / 2), ((x1 - x0) / length) * (width / 2)];
  context.beginPath();
  for (const [x, y, side] of [
    [x0, y0, 1],
    [x1, y1, 1],
    [x1, y1, -1],
    [x0, y0, -1],
  ] as const) {
    const at = placing.toStage({ x: x + side * across, y: y + side * down });
    context.lineTo(at.x, at.y);
  }
  context.closePath();
}

function dot(context: CanvasRenderingContext2D, { x, y }: Point, fill: string): void {
  context.beginPath();
  context.arc(x, y, END, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = fill === COLOUR ? DARK : COLOUR;
  context.stroke();
}
