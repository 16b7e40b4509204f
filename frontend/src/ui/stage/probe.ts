/** The pixel that is read out: the one under the mouse, or one that was chosen and is framed. */

import { el, setAttribute } from "../dom";
import type { Placing } from "./placing";
import type { Point, Size } from "./view";

export interface Pixel {
  row: number;
  column: number;
}

/** Where it comes from: the mouse stays in place on the screen, a chosen pixel in the picture. */
type Source = { kind: "none" } | { kind: "mouse"; at: Point } | { kind: "chosen"; pixel: Pixel };

/** Of the frame around a chosen pixel, in CSS pixels: smaller ones are not seen. */
const SMALLEST_FRAME = 11;

export interface ProbeEvents {
  /** the pixel may be another one */
  changed(): void;
  pixel(pixel: Pixel | null): void;
}

export class Probe {
  /** frames a chosen pixel, because no cursor shows where it lies */
  readonly element = el("div", { class: "marker", hidden: true, "aria-hidden": "true" });
  private readonly events: ProbeEvents;
  private source: Source = { kind: "none" };
  private placing: Placing | null = null;
  private told: Pixel | null = null;

  constructor(events: ProbeEvents) {
    this.events = events;
  }

  /** The pixel; null: none. */
  get pixel(): Pixel | null {
    const { placing, source } = this;
    if (placing === null || source.kind === "none") return null;
    return source.kind === "chosen" ? source.pixel : placing.pixelAt(source.at);
  }

  /** The picture lies elsewhere, or is another one; null: there is none. `image`: its columns and rows. */
  setPlacing(placing: Placing | null, image: Size | null): void {
    this.placing = placing;
    const { source } = this;
    const outside =
      source.kind === "chosen" &&
      image !== null &&
      (source.pixel.row >= image.height || source.pixel.column >= image.width);
    if (outside) this.source = { kind: "none" };
  }

  /** The mouse is at this point of the stage; null: it is not on it. */
  hover(at: Point | null): void {
    this.set(at === null ? { kind: "none" } : { kind: "mouse", at });
  }

  /** Choose the pixel at a point of the stage, or none beside the picture. */
  pick(at: Point): void {
    const pixel = this.placing?.pixelAt(at) ?? null;
    this.set(pixel === null ? { kind: "none" } : { kind: "chosen", pixel });
  }

  /** Move the pixel; it starts in the middle of the stage. */
  move(rows: number, columns: number, image: Size, stage: Size): void {
    const from = this.pixel ?? this.middle(image, stage);
    const limit = (value: number, count: number): number => Math.min(Math.max(value, 0), count - 1);
    this.set({
      kind: "chosen",
      pixel: { row: limit(from.row + rows, image.height), column: limit(from.column + columns, image.width) },
    });
  }

  /** Stop reading out a pixel that was chosen; false: none is. */
  letGo(): boolean {
    if (this.source.kind !== "chosen") return false;
    this.set({ kind: "none" });
    return true;
  }

  /** Shows where the pixel lies and tells which it is, if that is another one. */
  draw(): void {
    this.placeFrame();
    const { pixel } = this;
    if (pixel?.row === this.told?.row && pixel?.column === this.told?.column) return;
    this.told = pixel;
    this.events.pixel(pixel);
  }

  private set(source: Source): void {
    this.source = source;
    this.events.changed();
  }

  private middle(image: Size, stage: Size): Pixel {
    const middle = { x: stage.width / 2, y: stage.height / 2 };
    const place = this.placing?.toImage(middle) ?? { x: (image.width - 1) / 2, y: (image.height - 1) / 2 };
    // Of an even number of pixels the middle lies between two: rounding must not choose now this one, now that one.
    const nearest = (value: number, count: number): number =>
      Math.min(Math.max(Math.floor(value + 0.5 + 1e-6), 0), count - 1);
    return { row: nearest(place.y, image.height), column: nearest(place.x, image.width) };
  }

  private placeFrame(): void {
    const { placing, source, element } = this;
    setAttribute(element, "hidden", source.kind !== "chosen" || placing === null);
    if (source.kind !== "chosen" || placing === null) return;
    const width = Math.max(placing.scale * placing.stretch.x, SMALLEST_FRAME);
    const height = Math.max(placing.scale * placing.stretch.y, SMALLEST_FRAME);
    const { x, y } = placing.toStage({ x: source.pixel.column, y: source.pixel.row });
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
    element.style.transform = `translate(${x - width / 2}px, ${y - height / 2}px)`;
  }
}
