/**
 * Where the picture lies on the canvas. All lengths are device pixels of the canvas; image pixel (0, 0) covers the
 * square from `offset` to `offset + scale` (contract.View).
 */

import type { Placement } from "../../contract";

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** Part of the picture that is looked at, independent of the window: centre in image pixels, zoom relative to "fit". */
export interface Focus {
  x: number;
  y: number;
  zoom: number;
}

/** Most device pixels along a side of an image pixel. */
const LARGEST_PIXEL = 128;
/** Zooming out ends at this part of "fit", or at one image pixel on one of the screen where that is smaller. */
const SMALLEST_FIT = 0.25;
/** So many device pixels of the picture stay on the canvas whatever is dragged. */
const KEPT = 48;

export function fitScale(canvas: Size, image: Size): number {
  return Math.min(canvas.width / image.width, canvas.height / image.height);
}

/** The whole picture, centred, as large as it fits with its aspect ratio. */
export function fit(canvas: Size, image: Size): Placement {
  return centred(canvas, image, fitScale(canvas, image));
}

/** The centre of the picture in the centre of the canvas. */
export function centred(canvas: Size, image: Size, scale: number): Placement {
  return {
    scale,
    offsetX: (canvas.width - image.width * scale) / 2,
    offsetY: (canvas.height - image.height * scale) / 2,
  };
}

/** The canvas is covered, centred: the picture sticks out along one axis. */
export function fill(canvas: Size, image: Size): Placement {
  const scale = Math.max(canvas.width / image.width, canvas.height / image.height);
  return clamped(centred(canvas, image, scale), canvas, image);
}

/** A part of the picture, in its pixels from its corner, as large as it fits and in the middle. */
export function around(box: Point & Size, canvas: Size, image: Size): Placement {
  const scale = limitScale(fitScale(canvas, box), fitScale(canvas, image));
  return clamped(
    {
      scale,
      offsetX: canvas.width / 2 - (box.x + box.width / 2) * scale,
      offsetY: canvas.height / 2 - (box.y + box.height / 2) * scale,
    },
    canvas,
    image,
  );
}

/** Another size of image of the same aspect: the same part of it is looked at; null: the aspect differs. */
export function carried(view: Placement, canvas: Size, before: Size, after: Size): Placement | null {
  // A binned camera loses up to a row: half a percent is the same aspect.
  if (Math.abs((before.width * after.height) / (before.height * after.width) - 1) > 0.005) return null;
  const { x, y, zoom } = focusOf(view, canvas, before);
  const focus = { x: (x * after.width) / before.width, y: (y * after.height) / before.height, zoom };
  return viewOf(focus, canvas, after);
}

/** Scale within its limits and at least a strip of the picture on the canvas. */
export function clamped(view: Placement, canvas: Size, image: Size): Placement {
  const fitted = fitScale(canvas, image);
  const scale = limitScale(view.scale, fitted);
  return {
    scale,
    offsetX: limitOffset(view.offsetX, image.width * scale, canvas.width),
    offsetY: limitOffset(view.offsetY, image.height * scale, canvas.height),
  };
}

function limitScale(scale: number, fitted: number): number {
  return Math.min(Math.max(scale, Math.min(fitted * SMALLEST_FIT, 1)), Math.max(LARGEST_PIXEL, fitted));
}

function limitOffset(offset: number, picture: number, canvas: number): number {
  const kept = Math.min(KEPT, picture, canvas);
  return Math.min(Math.max(offset, kept - picture), canvas - kept);
}

/** Zoom by a factor; the point of the picture under `at` stays there. */
export function zoomAt(view: Placement, factor: number, at: Point, canvas: Size, image: Size): Placement {
  const scale = limitScale(view.scale * factor, fitScale(canvas, image));
  const ratio = scale / view.scale;
  return clamped(
    {
      scale,
      offsetX: at.x - (at.x - view.offsetX) * ratio,
      offsetY: at.y - (at.y - view.offsetY) * ratio,
    },
    canvas,
    image,
  );
}

export function pan(view: Placement, dx: number, dy: number, canvas: Size, image: Size): Placement {
  return clamped({ scale: view.scale, offsetX: view.offsetX + dx, offsetY: view.offsetY + dy }, canvas, image);
}

/** Two fingers moved: the picture follows both. */
export function pinch(
  view: Placement,
  before: [Point, Point],
  after: [Point, Point],
  canvas: Size,
  image: Size,
): Placement {
  const distance = (pair: [Point, Point]): number => Math.hypot(pair[0].x - pair[1].x, pair[0].y - pair[1].y);
  const middle = (pair: [Point, Point]): Point => ({ x: (pair[0].x + pair[1].x) / 2, y: (pair[0].y + pair[1].y) / 2 });
  const from = middle(before);
  const to = middle(after);
  const zoomed = zoomAt(view, Math.max(distance(after), 1) / Math.max(distance(before), 1), from, canvas, image);
  return pan(zoomed, to.x - from.x, to.y - from.y, canvas, image);
}

/** The canvas changed its size: the same point of the picture stays in the middle, at the same scale. */
export function resized(view: Placement, before: Size, after: Size, image: Size): Placement {
  return pan(view, (after.width - before.width) / 2, (after.height - before.height) / 2, after, image);
}

/** Row and column under a point of the canvas, null beside the picture. */
export function pixelAt(view: Placement, at: Point, image: Size): { row: number; column: number } | null {
  const column = Math.floor((at.x - view.offsetX) / view.scale);
  const row = Math.floor((at.y - view.offsetY) / view.scale);
  return row >= 0 && column >= 0 && row < image.height && column < image.width ? { row, column } : null;
}

export function focusOf(view: Placement, canvas: Size, image: Size): Focus {
  return {
    x: (canvas.width / 2 - view.offsetX) / view.scale,
    y: (canvas.height / 2 - view.offsetY) / view.scale,
    zoom: view.scale / fitScale(canvas, image),
  };
}

export function viewOf(focus: Focus, canvas: Size, image: Size): Placement {
  const scale = focus.zoom * fitScale(canvas, image);
  return clamped(
    {
      scale,
      offsetX: canvas.width / 2 - focus.x * scale,
      offsetY: canvas.height / 2 - focus.y * scale,
    },
    canvas,
    image,
  );
}

/**
 * Pixels of the canvas for an element of this size: those of the screen, so that none is mixed with its neighbour. Bounded,
 * because each of them is drawn for each frame; beyond that one stands for 2 x 2, 3 x 3, ... of the screen.
 */
export function canvasSize(width: number, height: number, devicePixelRatio: number): Size & { ratio: number } {
  const most = 4320 * 2880;
  const screen = Math.max(devicePixelRatio, 1);
  let part = 1;
  while (part < screen && width * height * (screen / part) ** 2 > most) part += 1;
  const ratio = Math.min(screen / part, Math.sqrt(most / Math.max(width * height, 1)));
  // A pixel that fits only in part is left out rather than squeezed in.
  const whole = (length: number): number => Math.max(1, Math.floor(length * ratio + 1e-6));
  return { width: whole(width), height: whole(height), ratio };
}
