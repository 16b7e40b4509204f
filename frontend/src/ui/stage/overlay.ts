/** What is drawn over the picture: layers on one canvas, drawn anew in the next animation frame after a change. */

import { el } from "../dom";
import type { Placing } from "./placing";

/** From below to above; without one, among the marks. Curves stand on a dark ground, which must not cover marks. */
const LEVELS = ["pixels", "curves", "marks", "lines", "aids"] as const;

export interface Layer {
  readonly level?: (typeof LEVELS)[number];
  /** Draws in CSS pixels of the stage; the context is as new. False: there was nothing to draw. */
  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void;
}

export class Overlay {
  readonly element = el("canvas", { class: "overlay", "aria-hidden": "true", "data-testid": "overlay" });
  private readonly layers: Layer[] = [];
  private placing: Placing | null = null;
  private requested = false;

  /** Of layers of the same level those that are added later are drawn above. */
  add(layer: Layer): void {
    const level = levelOf(layer);
    const above = this.layers.findIndex((other) => levelOf(other) > level);
    this.layers.splice(above < 0 ? this.layers.length : above, 0, layer);
    this.invalidate();
  }

  /** Where the picture lies now; null: there is none. */
  setPlacing(placing: Placing | null): void {
    this.placing = placing;
    this.invalidate();
  }

  /** Something that a layer shows has changed. */
  invalidate(): void {
    if (this.requested) return;
    this.requested = true;
    requestAnimationFrame(() => {
      this.requested = false;
      this.draw();
    });
  }

  /** Draws the layers on another canvas, as for a picture to be saved. */
  drawOn(context: CanvasRenderingContext2D): void {
    this.drawLayers(
      context,
      // Aids help to work with the page.
      this.layers.filter((layer) => layer.level !== "aids"),
    );
  }

  /** False: nothing was drawn. */
  private drawLayers(context: CanvasRenderingContext2D, layers: readonly Layer[]): boolean {
    const { placing } = this;
    let any = false;
    for (const layer of placing === null ? [] : layers) {
      context.save();
      any = layer.draw(context, placing as Placing) !== false || any;
      context.restore();
    }
    return any;
  }

  private draw(): void {
    const { element, placing } = this;
    const context = element.getContext("2d");
    if (context === null) return;
    const ratio = placing?.ratio ?? 1;
    const width = Math.round((placing?.size.width ?? 0) * ratio);
    const height = Math.round((placing?.size.height ?? 0) * ratio);
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
    } else {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, width, height);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    // An empty canvas over the picture would be mixed with each of its frames all the same.
    element.classList.toggle("empty", !this.drawLayers(context, this.layers));
  }
}

function levelOf({ level }: Layer): number {
  return LEVELS.indexOf(level ?? "marks");
}
