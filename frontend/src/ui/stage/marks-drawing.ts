/** Lines and labels over the picture that are seen on any colour map. */

import type { Point, Size } from "./view";

const DARK = "rgb(0 0 0 / 75%)";
const LABEL_GROUND = "rgb(12 14 16 / 82%)";
export const LABEL_FONT = '12px system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif';
const LINE = 16;
const PADDING = 5;
/** On a smaller stage labels are short: they must not cover the picture. */
const NARROW = 520;
/** How far a label keeps from its point. */
const AWAY = 10;

/** A light line with a dark outline; `path` makes the path. */
export function strokeTwice(context: CanvasRenderingContext2D, colour: string, path: () => void, width = 1.25): void {
  context.strokeStyle = DARK;
  context.lineWidth = width + 2;
  path();
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  path();
  context.stroke();
}

/** A straight line, outlined. */
export function lineTwice(context: CanvasRenderingContext2D, colour: string, a: Point, b: Point, width?: number): void {
  strokeTwice(
    context,
    colour,
    () => {
      context.beginPath();
      context.moveTo(a.x, a.y);
      context.lineTo(b.x, b.y);
    },
    width,
  );
}

export function isNarrow(stage: Size): boolean {
  return stage.width < NARROW;
}

/** Whether a point lies on the stage. */
export function isOn(at: Point, stage: Size): boolean {
  return at.x >= 0 && at.y >= 0 && at.x <= stage.width && at.y <= stage.height;
}

/** Where a label of this size lies beside a point: right below it, or on the other sides where the stage ends. */
export function labelPlace(at: Point, label: Size, stage: Size): Point {
  const x = at.x + AWAY + label.width <= stage.width ? at.x + AWAY : at.x - AWAY - label.width;
  const y = at.y + AWAY + label.height <= stage.height ? at.y + AWAY : at.y - AWAY - label.height;
  return {
    x: Math.max(0, Math.min(x, stage.width - label.width)),
    y: Math.max(0, Math.min(y, stage.height - label.height)),
  };
}

/** Lines of text on a dark ground beside a point. */
export function labelBox(
  context: CanvasRenderingContext2D,
  lines: readonly string[],
  at: Point,
  stage: Size,
  colour = "#fff",
): void {
  context.font = LABEL_FONT;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const width = Math.ceil(Math.max(...lines.map((line) => context.measureText(line).width))) + 2 * PADDING;
  const size = { width, height: lines.length * LINE + PADDING };
  const place = labelPlace(at, size, stage);
  context.fillStyle = LABEL_GROUND;
  context.fillRect(Math.round(place.x), Math.round(place.y), size.width, size.height);
  context.fillStyle = colour;
  lines.forEach((line, index) => {
    const y = Math.round(place.y) + PADDING / 2 + (index + 0.5) * LINE + 0.5;
    context.fillText(line, Math.round(place.x) + PADDING, y);
  });
}
