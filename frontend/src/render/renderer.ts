import type { NumberArray } from "../analysis/statistics";
import type { Reduce, ScaleName, View } from "../contract";
import type { Image } from "../decode/image";
import type { Place } from "./place";

export type RendererName = "webgl2" | "canvas2d";

/** An image and its pixels as numbers; both stay valid while the picture is on screen. */
export interface Picture {
  image: Image;
  numbers: NumberArray;
  /** where its pixels lie in the source's image */
  place: Place;
  /** values that gray 0 and 255 of a preview stand for; null: the pixels are the values */
  gray: readonly [low: number, high: number] | null;
  /** lowest and highest finite pixel */
  range: [number, number] | null;
  /** the 64-bit integers that `numbers` were rounded from; null: nothing was rounded */
  wide: BigInt64Array | BigUint64Array | null;
}

/** Everything else that decides what is drawn. */
export interface Look {
  view: View;
  /** in values of the source; those that the scale can be drawn with */
  levels: readonly [number, number];
  scale: ScaleName;
  /** exponent of the scale `gamma` */
  gamma: number;
  /** which value a pixel of the canvas shows that covers several of the image */
  reduce: Reduce;
  /** palette of render/colourmaps.ts, RGBA; another array when a colour changed */
  colours: Uint8Array;
}

/** What may happen to a renderer by itself. */
export interface RendererEvents {
  /** nothing can be drawn now */
  lost(): void;
  /** the picture has to be drawn again */
  restored(): void;
}

/**
 * Draws pictures on a canvas. The canvas is transparent where there is no picture; a pixel of the canvas shows the
 * pixel of the source under its centre (render/place.ts), or the mean or largest of those under it (render/view.ts);
 * the colour is that of render/levels.ts.
 */
export interface Renderer {
  readonly name: RendererName;
  /** Takes over a new picture. */
  setPicture(picture: Picture): void;
  /** Draws the present picture; cheap, to be called for every change of view, levels or colours. */
  draw(look: Look): void;
  /** Forgets the picture and empties the canvas. */
  clear(): void;
  resize(width: number, height: number): void;
  /** Waits until everything is drawn; for measuring. */
  finish(): void;
}
