/** A reticle: a cross with ticks in round steps on the axes, at the first marker or in the middle of the image. */

import { axisAt, axisIndex } from "../../analysis/axis";
import type { Axis } from "../../contract";
import { LABEL_FONT, lineTwice } from "../../ui/stage/marks-drawing";
import type { Axes } from "../../ui/stage/measure";
import type { Layer } from "../../ui/stage/overlay";
import type { Placing } from "../../ui/stage/placing";
import type { Place, Settings } from "../../ui/settings";
import { niceTicks, scaleLabels } from "../../ui/ticks";
import type { Size } from "../../ui/stage/view";

const COLOUR = "#d6ffd9";
/** CSS pixels between two ticks, at least. */
const APART = 56;
const TICK = 5;

export function reticleCentre(marker: Place | null, image: Size): Place {
  return marker ?? { x: (image.width - 1) / 2, y: (image.height - 1) / 2 };
}

/** Indices of round distances from a centre (an index) between two indices, and the distances as text. */
export function reticleTicks(
  axis: Axis,
  centre: number,
  between: [number, number],
  most: number,
): { index: number; label: string }[] {
  const zero = axisAt(axis, centre);
  const ends = between.map((index) => axisAt(axis, index) - zero);
  const distances = niceTicks(Math.min(...ends), Math.max(...ends), most).filter((distance) => distance !== 0);
  const labels = scaleLabels(distances).labels;
  return distances.flatMap((distance, at) => {
    const index = axisIndex(axis, zero + distance);
    return index === null ? [] : [{ index, label: labels[at] ?? "" }];
  });
}

export class Reticle implements Layer {
  private readonly settings: () => Settings;
  private readonly axes: () => Axes;

  constructor(settings: () => Settings, axes: () => Axes) {
    this.settings = settings;
    this.axes = axes;
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { reticle, markers } = this.settings();
    if (!reticle) return false;
    const centre = reticleCentre(markers[0], placing.image);
    context.font = LABEL_FONT;
    context.lineJoin = "round";
    this.drawArm(context, placing, centre, "x");
    this.drawArm(context, placing, centre, "y");
  }

  private drawArm(context: CanvasRenderingContext2D, placing: Placing, centre: Place, which: "x" | "y"): void {
    const last = which === "x" ? placing.image.width - 0.5 : placing.image.height - 0.5;
    const place = (index: number): Place => ({ ...centre, [which]: index });
    const [from, to] = [placing.toStage(place(-0.5)), placing.toStage(place(last))];
    lineTwice(context, COLOUR, from, to, 1);
    const level = Math.abs(from.y - to.y) < Math.abs(from.x - to.x);
    // Only what is seen: zoomed in, the arm is far longer than the stage.
    const { width, height } = placing.size;
    const [a, b] = [placing.toImage({ x: 0, y: 0 }), placing.toImage({ x: width, y: height })];
    const seen: [number, number] = [
      Math.max(-0.5, Math.min(a[which], b[which])),
      Math.min(last, Math.max(a[which], b[which])),
    ];
    const ends = seen.map((index) => placing.toStage(place(index)));
    const length = Math.hypot(ends[1]!.x - ends[0]!.x, ends[1]!.y - ends[0]!.y);
    context.textAlign = level ? "center" : "left";
    context.textBaseline = level ? "top" : "middle";
    for (const { index, label } of reticleTicks(this.axes()[which], centre[which], seen, Math.floor(length / APART))) {
      const { x, y } = placing.toStage(place(index));
      if (level) lineTwice(context, COLOUR, { x, y: y - TICK }, { x, y: y + TICK }, 1);
      else lineTwice(context, COLOUR, { x: x - TICK, y }, { x: x + TICK, y }, 1);
      const at = level ? { x, y: y + TICK + 3 } : { x: x + TICK + 4, y };
      context.strokeStyle = "rgb(0 0 0 / 75%)";
      context.lineWidth = 3;
      context.strokeText(label, at.x, at.y);
      context.fillStyle = COLOUR;
      context.fillText(label, at.x, at.y);
    }
  }
}
