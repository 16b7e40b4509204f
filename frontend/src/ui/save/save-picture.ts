/** The picture as it is seen, as a PNG file: the worker's canvas, the overlays above it, and a line that says what it is. */

import type { Shown } from "../../contract";
import { compactNumber, nanosecondTime } from "../format";
import type { Overlay } from "../stage/overlay";

/** Height of a line of the caption, its margin and size of type, CSS pixels. */
const LINE = 18;
const MARGIN = 8;
const TYPE = 13;

export interface Look {
  /** device pixels to a CSS pixel */
  ratio: number;
  /** what lies on the picture; null: only the picture */
  overlay: Overlay | null;
  /** colours of the page: beside the picture, behind and of the caption */
  ground: string;
  captionGround: string;
  text: string;
  colourMap: string;
}

/** What is written below a saved picture. Pure. */
export function captionLines(shown: Shown, colourMap: string): string[] {
  const { pulse, channel, of, sourceDtype, levels, choice, colour } = shown;
  const time = pulse.sourceTime ?? pulse.receiptTime;
  const scale = colour ? "colour" : `levels ${compactNumber(levels[0])} … ${compactNumber(levels[1])}, ${colourMap}`;
  const less = choice === "preview" ? ", drawn from a preview" : choice === "float32" ? ", drawn as float32" : "";
  return [
    [channel, `pulse ${pulse.pulseId}`, ...(time === null ? [] : [nanosecondTime(time)])].join("   "),
    `${sourceDtype} ${of[0]} × ${of[1]}, ${scale}${less}`,
  ];
}

/** Puts the parts of the file together. `png`: the worker's canvas. */
export async function composePicture(png: ArrayBuffer, shown: Shown, look: Look): Promise<Blob> {
  const bitmap = await createImageBitmap(new Blob([png], { type: "image/png" }));
  const { width, height } = bitmap;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("the browser gives no canvas for the picture");
  const { ratio } = look;
  const lines = wrapped(context, captionLines(shown, look.colourMap), width / ratio - 2 * MARGIN);
  canvas.width = width;
  canvas.height = height + Math.round((lines.length * LINE + MARGIN) * ratio);
  context.fillStyle = look.captionGround;
  context.fillRect(0, 0, width, canvas.height);
  context.fillStyle = look.ground;
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  context.save();
  context.beginPath();
  context.rect(0, 0, width, height);
  context.clip();
  context.scale(ratio, ratio);
  look.overlay?.drawOn(context);
  context.restore();
  context.scale(ratio, ratio);
  context.fillStyle = look.text;
  context.font = font();
  context.textBaseline = "top";
  lines.forEach((line, at) => context.fillText(line, MARGIN, height / ratio + MARGIN / 2 + at * LINE));
  return await new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("the picture is too large for a file")) : resolve(blob)), "image/png");
  });
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
