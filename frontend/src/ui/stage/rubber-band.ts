/** Zoom to a rectangle that is drawn: with the tool, or with Ctrl at any time. */

import type { Region } from "../../contract";
import type { Grab, Handler, PointerHow, Tools } from "./handling";
import { labelBox, strokeTwice } from "./marks-drawing";
import type { Layer, Overlay } from "./overlay";
import type { Placing } from "./placing";
import type { Place } from "../settings";
import type { Stage } from "./stage";
import type { Point } from "./view";

/** A rectangle that is smaller on the screen (CSS pixels) was not meant. */
const SMALLEST = 4;

/** The pixels of the image in a rectangle between two places; null: none of them. Whole pixels that are touched. */
export function regionBetween(a: Place, b: Place, image: { width: number; height: number }): Region | null {
  const from = (low: number): number => Math.max(0, Math.floor(low + 0.5));
  const to = (high: number, count: number): number => Math.min(count, Math.ceil(high + 0.5));
  const x = from(Math.min(a.x, b.x));
  const y = from(Math.min(a.y, b.y));
  const width = to(Math.max(a.x, b.x), image.width) - x;
  const height = to(Math.max(a.y, b.y), image.height) - y;
  return width > 0 && height > 0 ? [x, y, width, height] : null;
}

export class RubberBand implements Handler, Layer {
  readonly level = "aids";
  private readonly stage: Stage;
  private readonly overlay: Overlay;
  private readonly tools: Tools;
  private band: { from: Point; to: Point; region: Region | null } | null = null;

  constructor(stage: Stage, overlay: Overlay, tools: Tools) {
    this.stage = stage;
    this.overlay = overlay;
    this.tools = tools;
  }

  grab(at: Point, _: Placing, how: PointerHow): Grab | null {
    if (this.tools.current !== "zoom" && !how.control) return null;
    const from = at;
    return {
      move: (to, placing) => {
        this.band = { from, to, region: regionBetween(placing.toImage(from), placing.toImage(to), placing.image) };
        this.overlay.invalidate();
      },
      end: (cancelled) => {
        const { band } = this;
        this.band = null;
        this.overlay.invalidate();
        if (cancelled || band === null) return;
        const small = Math.max(Math.abs(band.to.x - from.x), Math.abs(band.to.y - from.y)) < SMALLEST;
        if (band.region !== null && !small) this.stage.zoomTo(band.region);
        this.putAway();
      },
    };
  }

  cursor(_: Point, __: Placing, how: PointerHow): string | null {
    return this.tools.current === "zoom" || how.control ? "zoom-in" : null;
  }

  /** A click with the tool enlarges there. */
  click(at: Point): boolean {
    if (this.tools.current !== "zoom") return false;
    this.stage.zoomAt(2, at);
    this.putAway();
    return true;
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { band } = this;
    if (band === null) return false;
    const { from, to, region } = band;
    context.setLineDash([5, 4]);
    strokeTwice(context, "#fff", () => {
      context.beginPath();
      context.rect(Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(to.x - from.x), Math.abs(to.y - from.y));
    });
    context.setLineDash([]);
    if (region !== null) labelBox(context, [`${region[2]} × ${region[3]} px`], to, placing.size);
  }

  private putAway(): void {
    if (this.tools.current === "zoom") this.tools.choose("pan");
  }
}
