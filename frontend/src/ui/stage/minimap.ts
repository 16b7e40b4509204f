/** A small map of the whole image while only a part of it is seen: dragging in it moves that part. */

import type { Grab, Handler } from "./handling";
import type { Layer } from "./overlay";
import type { Placing } from "./placing";
import type { Place } from "../settings";
import type { Point, Size } from "./view";

type Box = Point & Size;

export interface MapPlaces {
  /** the whole image, and what is seen of it, on the stage */
  whole: Box;
  seen: Box;
}

const LARGEST: Size = { width: 128, height: 96 };
const MARGIN = 10;
/** On a smaller stage it would be in the way. */
const SMALLEST_STAGE: Size = { width: 380, height: 260 };

/** Where the map lies; null: all of the image is seen, or there is no room. */
export function mapPlaces(placing: Placing): MapPlaces | null {
  const { size, image } = placing;
  if (size.width < SMALLEST_STAGE.width || size.height < SMALLEST_STAGE.height) return null;
  const box = placing.boxOf({ x: 0, y: 0, ...image });
  // Half a pixel of the screen is no part that is hidden.
  const all =
    box.x > -0.5 && box.y > -0.5 && box.x + box.width < size.width + 0.5 && box.y + box.height < size.height + 0.5;
  if (all) return null;
  const scale = Math.min(LARGEST.width / box.width, LARGEST.height / box.height);
  const [width, height] = [box.width * scale, box.height * scale];
  const whole = { x: size.width - MARGIN - width, y: size.height - MARGIN - height, width, height };
  const part = (low: number, start: number, length: number): number =>
    (Math.min(Math.max(low, start), start + length) - start) * scale;
  const [left, top] = [part(0, box.x, box.width), part(0, box.y, box.height)];
  return {
    whole,
    seen: {
      x: whole.x + left,
      y: whole.y + top,
      width: part(size.width, box.x, box.width) - left,
      height: part(size.height, box.y, box.height) - top,
    },
  };
}

export class Minimap implements Handler, Layer {
  readonly level = "aids";
  private readonly centreOn: (place: Place) => void;

  constructor(centreOn: (place: Place) => void) {
    this.centreOn = centreOn;
  }

  grab(at: Point, placing: Placing): Grab | null {
    const places = hit(at, placing);
    if (places === null) return null;
    const { seen } = places;
    const inside = contains(seen, at);
    // Taken beside what is seen, its middle comes to the cursor; taken inside, it stays under it.
    const middle = { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
    const away = inside ? { x: at.x - middle.x, y: at.y - middle.y } : { x: 0, y: 0 };
    return {
      move: (to, now) => this.look({ x: to.x - away.x, y: to.y - away.y }, now),
      end: () => undefined,
    };
  }

  cursor(at: Point, placing: Placing): string | null {
    return hit(at, placing) === null ? null : "move";
  }

  click(at: Point, placing: Placing): boolean {
    if (hit(at, placing) === null) return false;
    this.look(at, placing);
    return true;
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const places = mapPlaces(placing);
    if (places === null) return false;
    const { whole, seen } = places;
    context.fillStyle = "rgb(12 14 16 / 72%)";
    context.fillRect(whole.x, whole.y, whole.width, whole.height);
    context.strokeStyle = "#c8ced6";
    context.lineWidth = 1;
    context.strokeRect(whole.x, whole.y, whole.width, whole.height);
    context.fillStyle = "rgb(255 255 255 / 25%)";
    context.strokeStyle = "#fff";
    context.lineWidth = 1.5;
    // Deep inside of a large image the part that is seen would be too small to find.
    const [width, height] = [Math.max(seen.width, 4), Math.max(seen.height, 4)];
    const [x, y] = [seen.x + (seen.width - width) / 2, seen.y + (seen.height - height) / 2];
    context.fillRect(x, y, width, height);
    context.strokeRect(x, y, width, height);
  }

  private look(at: Point, placing: Placing): void {
    const places = mapPlaces(placing);
    if (places === null) return;
    const box = placing.boxOf({ x: 0, y: 0, ...placing.image });
    const scale = box.width / places.whole.width;
    const limit = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
    this.centreOn(
      placing.toImage({
        x: box.x + limit(at.x - places.whole.x, places.whole.width) * scale,
        y: box.y + limit(at.y - places.whole.y, places.whole.height) * scale,
      }),
    );
  }
}

function hit(at: Point, placing: Placing): MapPlaces | null {
  const places = mapPlaces(placing);
  return places !== null && contains(places.whole, at) ? places : null;
}

function contains(box: Box, at: Point): boolean {
  return at.x >= box.x && at.y >= box.y && at.x <= box.x + box.width && at.y <= box.y + box.height;
}
