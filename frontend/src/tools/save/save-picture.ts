/** The picture as it is seen, as a PNG file: the worker's canvas, the overlays above it, and a line that says what it is. */

import type { Shown } from "../../contract";
import { compactNumber, nanosecondTime, typeText } from "../../ui/format";
import type { Overlay } from "../../ui/stage/overlay";
import { type Origin, paintElement } from "./paint-element";

/** Height of a line of the caption, its margin and size of type, CSS pixels. */
const LINE = 18;
const MARGIN = 8;
const TYPE = 13;

/** What is seen with the picture. */
export interface Around {
  overlay: Overlay;
  /** the area that the worker's canvas fills */
  stage: HTMLElement;
  /** axes and colour bar */
  beside: readonly HTMLElement[];
  /** words that lie on the picture */
  over: readonly HTMLElement[];
}

export interface Look {
  /** device pixels to a CSS pixel */
  ratio: number;
  /** null: only the picture */
  around: Around | null;
  /** colours of the page: behind the picture, beside it, behind and of the caption */
  pictureGround: string;
  ground: string;
  captionGround: string;
  text: string;
  colourMap: string;
}

/** What is written below a saved picture. Pure. */
export function captionLines(shown: Shown, colourMap: string): string[] {
  const { pulse, channel, of, levels, choice, colour } = shown;
  const time = pulse.sourceTime ?? pulse.receiptTime;
  const scale = colour ? "colour" : `levels ${compactNumber(levels[0])} … ${compactNumber(levels[1])}, ${colourMap}`;
  const less = choice === "preview" ? ", drawn from a preview" : choice === "float32" ? ", drawn as float32" : "";
  return [
    [channel, `pulse ${pulse.pulseId}`, ...(time === null ? [] : [nanosecondTime(time)])].join("   "),
    `${typeText(shown)} ${of[0]} × ${of[1]}, ${scale}${less}`,
  ];
}

/** Puts the parts of the file together, as they are seen now. `bitmap`: the worker's canvas. */
export function drawPicture(bitmap: ImageBitmap, shown: Shown, look: Look): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("the browser gives no canvas for the picture");
  const { ratio, around } = look;
  const beside = around === null ? [] : around.beside.filter(isSeen);
  const frame = frameOf(around === null ? [] : [around.stage, ...beside], bitmap, ratio);
  const { width, height } = frame;
  const lines = wrapped(context, captionLines(shown, look.colourMap), width / ratio - 2 * MARGIN);
  canvas.width = width;
  canvas.height = height + Math.round((lines.length * LINE + MARGIN) * ratio);
  context.fillStyle = look.captionGround;
  context.fillRect(0, 0, width, canvas.height);
  context.fillStyle = look.ground;
  context.fillRect(0, 0, width, height);
  context.translate(frame.x, frame.y);
  context.beginPath();
  context.rect(0, 0, bitmap.width, bitmap.height);
  context.save();
  context.clip();
  context.fillStyle = look.pictureGround;
  context.fill();
  context.drawImage(bitmap, 0, 0);
  context.scale(ratio, ratio);
  around?.overlay.drawOn(context);
  const corner = around?.stage.getBoundingClientRect();
  const origin: Origin = { x: corner?.left ?? 0, y: corner?.top ?? 0 };
  for (const element of around?.over ?? []) paintElement(context, element, origin);
  context.restore();
  context.save();
  context.scale(ratio, ratio);
  for (const element of beside) paintElement(context, element, origin);
  context.restore();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = look.text;
  context.font = font();
  context.textAlign = "left";
  context.textBaseline = "top";
  lines.forEach((line, at) => context.fillText(line, MARGIN, height / ratio + MARGIN / 2 + at * LINE));
  return canvas;
}

/** The canvas as a PNG file. */
export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob === null ? reject(new Error("the picture is too large for a file")) : resolve(blob)),
      "image/png",
    );
  });
}

/** Size of all that is seen, and where the picture lies in it, device pixels; `parts`: the stage first. */
function frameOf(
  parts: readonly HTMLElement[],
  picture: { width: number; height: number },
  ratio: number,
): { x: number; y: number; width: number; height: number } {
  const boxes = parts.map((part) => part.getBoundingClientRect());
  const [stage] = boxes;
  if (stage === undefined) return { x: 0, y: 0, width: picture.width, height: picture.height };
  const beyond = (reach: (box: DOMRect) => number): number => Math.round(Math.max(...boxes.map(reach)) * ratio);
  const x = beyond(({ left }) => stage.left - left);
  const y = beyond(({ top }) => stage.top - top);
  return {
    x,
    y,
    width: x + picture.width + beyond(({ right }) => right - stage.right),
    height: y + picture.height + beyond(({ bottom }) => bottom - stage.bottom),
  };
}

function isSeen(element: HTMLElement): boolean {
  return element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 0;
}

function font(): string {
  return `${TYPE}px system-ui, "Liberation Sans", sans-serif`;
}

/** Breaks lines at blanks where they are wider than the picture. */
function wrapped(context: CanvasRenderingContext2D, lines: string[], width: number): string[] {
  context.font = font();
  const broken: string[] = [];
  for (const line of lines) {
    let now = "";
    for (const word of line.split(" ")) {
      const longer = now === "" ? word : `${now} ${word}`;
      if (now !== "" && context.measureText(longer).width > width) {
        broken.push(now.trimEnd());
        now = word;
      } else now = longer;
    }
    broken.push(now);
  }
  return broken;
}
