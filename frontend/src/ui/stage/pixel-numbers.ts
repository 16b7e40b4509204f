/** The value of each pixel, written into it where the pixels are large enough on the screen. */

import type { FromWorker, Region } from "../../contract";
import type { Layer, Overlay } from "./overlay";
import type { Placing } from "./placing";

/** Pixels are large enough from here on, CSS pixels. */
const LARGE = 26;
/** More numbers than these nobody reads. */
const MOST = 4096;
const LARGEST_FONT = 13;
const SMALLEST_FONT = 8;
/** A figure is about so wide, in parts of the height of the type. */
const FIGURE = 0.58;
const MARGIN = 3;

type Printed = Extract<FromWorker, { type: "printed" }>;

/** The pixels of the source that are seen and large enough to be written into; null: none. */
export function printable(placing: Placing): Region | null {
  if (placing.scale < LARGE) return null;
  const { width, height } = placing.image;
  const a = placing.toImage({ x: 0, y: 0 });
  const b = placing.toImage({ x: placing.size.width, y: placing.size.height });
  const first = (low: number): number => Math.max(0, Math.floor(low + 0.5));
  const last = (high: number, count: number): number => Math.min(count, Math.ceil(high + 0.5)) - 1;
  const [x, y] = [first(Math.min(a.x, b.x)), first(Math.min(a.y, b.y))];
  const columns = last(Math.max(a.x, b.x), width) - x + 1;
  const rows = last(Math.max(a.y, b.y), height) - y + 1;
  return columns > 0 && rows > 0 && columns * rows <= MOST ? [x, y, columns, rows] : null;
}

/** Size of type in which a text fits into a pixel; null: in none that can be read. */
export function fontSize(text: string, scale: number): number | null {
  const size = Math.min(LARGEST_FONT, Math.floor((scale - MARGIN) / (Math.max(text.length, 1) * FIGURE)));
  return size >= SMALLEST_FONT ? size : null;
}

/** The text as it fits into a pixel: a fraction loses figures, a whole number never; null: there is no room. */
export function fitted(text: string, scale: number): string | null {
  if (fontSize(text, scale) !== null) return text;
  const value = Number(text);
  if (!/[.e]/.test(text) || !Number.isFinite(value)) return null;
  for (let figures = 6; figures >= 2; figures -= 1) {
    const short = String(Number(value.toPrecision(figures)));
    if (fontSize(short, scale) !== null) return short;
  }
  return null;
}

export class PixelNumbers implements Layer {
  readonly level = "pixels";
  private readonly overlay: Overlay;
  private readonly ask: (region: Region | null) => void;
  private asked: Region | null = null;
  private printed: Printed | null = null;

  /** `ask`: the values of these pixels are wanted from now on, null: of none */
  constructor(overlay: Overlay, ask: (region: Region | null) => void) {
    this.overlay = overlay;
    this.ask = ask;
  }

  setPlacing(placing: Placing | null): void {
    const region = placing === null ? null : printable(placing);
    if (region?.join() === this.asked?.join()) return;
    this.asked = region;
    this.ask(region);
    if (region === null) this.printed = null;
  }

  answer(printed: Printed): void {
    if (this.asked === null) return;
    this.printed = printed;
    this.overlay.invalidate();
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    if (this.printed === null || placing.scale < LARGE) return false;
    const { region, texts } = this.printed;
    const [x, y, columns] = region;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 2.5;
    context.strokeStyle = "rgb(0 0 0 / 85%)";
    context.fillStyle = "#fff";
    // One size for all: the longest tells it.
    const short = texts.map((text) => (text === "" ? null : fitted(text, placing.scale)));
    const longest = short.reduce<string>((long, text) => ((text ?? "").length > long.length ? (text ?? "") : long), "");
    const size = fontSize(longest, placing.scale) ?? SMALLEST_FONT;
    context.font = `${size}px system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif`;
    short.forEach((text, index) => {
      if (text === null) return;
      const at = placing.toStage({ x: x + (index % columns), y: y + Math.floor(index / columns) });
      context.strokeText(text, at.x, at.y);
      context.fillText(text, at.x, at.y);
    });
  }
}
