/** Paints elements of the page on a canvas, as they are seen: grounds, frames, words and canvases; no icons or fields. */

/** Where the canvas's origin lies in the window, CSS pixels. */
export interface Origin {
  x: number;
  y: number;
}

/** What helps to work with the page and is not part of a picture of it. */
const CONTROLS = "button, select, input, svg";

/** The context has CSS pixels. */
export function paintElement(context: CanvasRenderingContext2D, element: Element, origin: Origin): void {
  const style = getComputedStyle(element);
  if (element.matches(CONTROLS) || !element.checkVisibility({ visibilityProperty: true })) return;
  const { left, top, width, height } = element.getBoundingClientRect();
  const box = { x: left - origin.x, y: top - origin.y, width, height };
  context.save();
  context.globalAlpha *= Number(style.opacity);
  paintBox(context, box, style);
  if (element instanceof HTMLCanvasElement) paintCanvas(context, element, box, style);
  paintPseudo(context, element, "::before", box);
  for (const child of element.childNodes) {
    if (child instanceof Element) paintElement(context, child, origin);
    else if (child instanceof Text) paintText(context, child, style, origin);
  }
  paintPseudo(context, element, "::after", box);
  context.restore();
}

interface Box extends Origin {
  width: number;
  height: number;
}

function paintBox(context: CanvasRenderingContext2D, { x, y, width, height }: Box, style: CSSStyleDeclaration): void {
  const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, width / 2, height / 2);
  context.fillStyle = style.backgroundColor;
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.fill();
  const [top, right, bottom, left] = (["Top", "Right", "Bottom", "Left"] as const).map((side) =>
    style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]) || 0,
  ) as [number, number, number, number];
  if (top > 0 && top === left && top === right && top === bottom) {
    outline(
      context,
      { x: x + top / 2, y: y + top / 2, width: width - top, height: height - top },
      top,
      style.borderTopColor,
      radius,
    );
  } else {
    const side = (colour: string, ...rectangle: [number, number, number, number]): void => {
      context.fillStyle = colour;
      context.fillRect(...rectangle);
    };
    side(style.borderTopColor, x, y, width, top);
    side(style.borderBottomColor, x, y + height - bottom, width, bottom);
    side(style.borderLeftColor, x, y, left, height);
    side(style.borderRightColor, x + width - right, y, right, height);
  }
  const around = style.outlineStyle === "solid" ? parseFloat(style.outlineWidth) || 0 : 0;
  if (around > 0) {
    const reach = around / 2;
    outline(
      context,
      { x: x - reach, y: y - reach, width: width + around, height: height + around },
      around,
      style.outlineColor,
      0,
    );
  }
}

function outline(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Box,
  thickness: number,
  colour: string,
  radius: number,
): void {
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
  context.stroke();
}

function paintCanvas(
  context: CanvasRenderingContext2D,
  canvas: HTMLCanvasElement,
  { x, y, width, height }: Box,
  style: CSSStyleDeclaration,
): void {
  if (canvas.width === 0 || canvas.height === 0) return;
  context.imageSmoothingEnabled = style.imageRendering !== "pixelated";
  context.drawImage(canvas, x, y, width, height);
}

/** A line or a dot that the style sheet adds: one that is placed in its element, or a word. */
function paintPseudo(
  context: CanvasRenderingContext2D,
  element: Element,
  which: "::before" | "::after",
  host: Box,
): void {
  const style = getComputedStyle(element, which);
  if (style.content === "none" || style.content === "normal" || style.position !== "absolute") return;
  const number = (text: string): number => parseFloat(text) || 0;
  const size = (inner: string, ...edges: string[]): number =>
    number(inner) + (style.boxSizing === "border-box" ? 0 : edges.reduce((sum, edge) => sum + number(edge), 0));
  paintBox(
    context,
    {
      x: host.x + number(style.left) + number(style.marginLeft),
      y: host.y + number(style.top) + number(style.marginTop),
      width: size(style.width, style.borderLeftWidth, style.borderRightWidth),
      height: size(style.height, style.borderTopWidth, style.borderBottomWidth),
    },
    style,
  );
}

function paintText(context: CanvasRenderingContext2D, node: Text, style: CSSStyleDeclaration, origin: Origin): void {
  if (node.data.trim() === "" || parseFloat(style.fontSize) === 0) return;
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  const ascent = context.measureText(node.data).fontBoundingBoxAscent;
  for (const { text, box } of linesOf(node)) {
    context.fillText(text, box.left - origin.x, box.top - origin.y + ascent, Math.max(box.width, 1));
  }
}

/** The lines that a text is broken into, and where they stand in the window. */
function linesOf(node: Text): { text: string; box: DOMRect }[] {
  const range = document.createRange();
  const lines: { from: number; to: number; top: number }[] = [];
  for (let at = 0; at < node.length; at += 1) {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const { top, width } = range.getBoundingClientRect();
    const last = lines.at(-1);
    // A blank at a break has no width.
    if (width === 0) continue;
    if (last !== undefined && Math.abs(last.top - top) < 1) last.to = at + 1;
    else lines.push({ from: at, to: at + 1, top });
  }
  return lines.map(({ from, to }) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return { text: node.data.slice(from, to), box: range.getBoundingClientRect() };
  });
}
