/** Lines and words on a picture of any colour: a dark edge keeps them apart from bright pixels. */

const EDGE = "rgb(0 0 0 / 65%)";

/** Strokes the present path with a dark edge around. */
export function strokeOutlined(context: CanvasRenderingContext2D, colour: string, width: number): void {
  context.lineJoin = "round";
  context.strokeStyle = EDGE;
  context.lineWidth = width + 2;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

/** Writes a word with a dark edge around. */
export function textOutlined(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  colour: string,
): void {
  context.lineJoin = "round";
  context.strokeStyle = EDGE;
  context.lineWidth = 3;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}
