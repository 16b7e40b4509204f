/** Where places of the source's image lie on the stage, in CSS pixels: what overlays and tools work with. Pure. */

import type { View } from "../../contract";
import { shownSize, toShown, toSource } from "../../render/orientation";
import { stretchOf } from "../../render/stretch";
import type { Place } from "../settings";
import type { Point, Size } from "./view";

export class Placing {
  readonly view: View;
  /** columns and rows at the source */
  readonly image: Size;
  /** of the stage, CSS pixels */
  readonly size: Size;
  /** device pixels to a CSS pixel */
  readonly ratio: number;
  /** how many times as wide and as high as a square pixels are drawn, as shown */
  readonly stretch: Point;

  constructor(view: View, image: Size, size: Size, ratio: number) {
    this.view = view;
    this.image = image;
    this.size = size;
    this.ratio = ratio;
    this.stretch = stretchOf(shownSize(view.orientation, image));
  }

  /** CSS pixels along a side of an image pixel: the shorter one, if it is stretched. */
  get scale(): number {
    return this.view.scale / this.ratio;
  }

  /** CSS pixels from one pixel of the source to the next along one of its axes. */
  along(name: "x" | "y"): number {
    const across = (name === "x") !== this.view.orientation.transpose;
    return this.scale * (across ? this.stretch.x : this.stretch.y);
  }

  /** Columns and rows as shown, turned. */
  get shown(): Size {
    return shownSize(this.view.orientation, this.image);
  }

  /** The point of a place; (0, 0) is the centre of the first pixel. */
  toStage(place: Place): Point {
    const { x, y } = toShown(this.view.orientation, place, this.image);
    const { scale, offsetX, offsetY } = this.view;
    const { stretch, ratio } = this;
    return {
      x: ((x + 0.5) * scale * stretch.x + offsetX) / ratio,
      y: ((y + 0.5) * scale * stretch.y + offsetY) / ratio,
    };
  }

  /** The place under a point, also beside the image. */
  toImage(point: Point): Place {
    const { scale, offsetX, offsetY, orientation } = this.view;
    const shown = {
      x: (point.x * this.ratio - offsetX) / (scale * this.stretch.x) - 0.5,
      y: (point.y * this.ratio - offsetY) / (scale * this.stretch.y) - 0.5,
    };
    return toSource(orientation, shown, this.image);
  }

  /** The whole pixel under a point; null beside the image. */
  pixelAt(point: Point): { row: number; column: number } | null {
    const { x, y } = this.toImage(point);
    const column = Math.floor(x + 0.5);
    const row = Math.floor(y + 0.5);
    return row >= 0 && column >= 0 && row < this.image.height && column < this.image.width ? { row, column } : null;
  }

  /** The box on the stage around whole pixels of the source, upright whatever is turned. */
  boxOf(region: { x: number; y: number; width: number; height: number }): Size & Point {
    const first = this.toStage({ x: region.x - 0.5, y: region.y - 0.5 });
    const last = this.toStage({ x: region.x + region.width - 0.5, y: region.y + region.height - 0.5 });
    return {
      x: Math.min(first.x, last.x),
      y: Math.min(first.y, last.y),
      width: Math.abs(last.x - first.x),
      height: Math.abs(last.y - first.y),
    };
  }
}
