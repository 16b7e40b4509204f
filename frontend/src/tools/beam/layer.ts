/** The ellipse of the diameters and its axes over the picture. */

import type { Layer } from "../../ui/stage/overlay";
import type { Placing } from "../../ui/stage/placing";
import type { BeamFit } from "./compute/result";

const COLOUR = "#ff9de0";
const DARK = "rgb(10 11 13 / 72%)";
const POINTS = 96;

export class BeamLayer implements Layer {
  readonly level = "curves";
  private fit: BeamFit | null = null;

  /** What is drawn from now on; returns whether that looks different. */
  set(fit: BeamFit | null): boolean {
    const before = this.fit;
    this.fit = fit?.state === "converged" ? fit : null;
    return this.fit !== before;
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { fit } = this;
    if (fit?.state !== "converged") return false;
    const { middle, major, minor } = fit.outline;
    const at = (along: number, across: number) =>
      placing.toStage({
        x: middle[0] + along * major[0] + across * minor[0],
        y: middle[1] + along * major[1] + across * minor[1],
      });
    context.beginPath();
    for (let point = 0; point < POINTS; point++) {
      const angle = (2 * Math.PI * point) / POINTS;
      const { x, y } = at(Math.cos(angle), Math.sin(angle));
      context.lineTo(x, y);
    }
    context.closePath();
    for (const [along, across] of [
      [1, 0],
      [0, 1],
    ] as const) {
      const [from, to] = [at(-along, -across), at(along, across)];
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
    // Readable over light and dark colours.
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = DARK;
    context.stroke();
    context.lineWidth = 1.5;
    context.strokeStyle = COLOUR;
    context.stroke();
  }
}
