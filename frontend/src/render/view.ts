import type { Orientation, View } from "../contract";
import { UPRIGHT } from "../defaults";
import { shownSize } from "./orientation";
import type { Place } from "./place";
import { drawnSize, stretchOf } from "./stretch";

/** The whole image of so many columns and rows, as large as the canvas allows, in its middle. */
export function fitView(
  width: number,
  height: number,
  columns: number,
  rows: number,
  orientation: Orientation = UPRIGHT,
): View {
  const shown = shownSize(orientation, { width: columns, height: rows });
  const drawn = drawnSize(shown);
  const scale = Math.min(width / drawn.width, height / drawn.height);
  const [offsetX, offsetY] = [(width - drawn.width * scale) / 2, (height - drawn.height * scale) / 2];
  return { scale, offsetX, offsetY, orientation };
}

/**
 * One axis of a picture as it is shown: pixel `sign * shown + add` of the source, counted from the picture's first one,
 * lies at the shown pixel; it is in the picture from 0 to below `count`, and `binning` of them make one of its pixels.
 */
export interface ShownAxis {
  sign: 1 | -1;
  add: number;
  count: number;
  binning: number;
}

/** What lies along the axes of the canvas. */
export interface ShownAxes {
  /** left to right, and top to bottom */
  across: ShownAxis;
  down: ShownAxis;
}

/** Device pixels of the canvas along the sides of a pixel of the shown image, of which `place` is a part. */
export function pixelSize(
  place: Pick<Place, "columns" | "rows">,
  { scale, orientation }: View,
): { x: number; y: number } {
  const stretch = stretchOf(shownSize(orientation, { width: place.columns, height: place.rows }));
  return { x: scale * stretch.x, y: scale * stretch.y };
}

/** How a picture lies in the shown image: `across` are its columns, or its rows where the image is transposed. */
export function shownAxes(place: Place, { transpose, mirrorX, mirrorY }: Orientation): ShownAxes {
  const columns = axisOf(place.x, place.width, place.columns, place.binning, mirrorX);
  const rows = axisOf(place.y, place.height, place.rows, place.binning, mirrorY);
  return transpose ? { across: rows, down: columns } : { across: columns, down: rows };
}

function axisOf(first: number, count: number, length: number, binning: number, mirrored: boolean): ShownAxis {
  return mirrored ? { sign: -1, add: length - 1 - first, count, binning } : { sign: 1, add: -first, count, binning };
}

/**
 * Which pixel of the picture each pixel of the canvas shows along one axis: the one that the pixel of the source under
 * its centre belongs to, -1 where there is none. In 32-bit floats, as the shader computes it.
 *
 * @param map filled and returned; as long as the canvas
 */
export function pixelMap(
  map: Int32Array,
  offset: number,
  scale: number,
  { sign, add, count, binning }: ShownAxis,
): Int32Array {
  const start = Math.fround(offset);
  const inverse = Math.fround(1 / scale);
  for (let at = 0; at < map.length; at++) {
    const pixel = sign * Math.floor(Math.fround(Math.fround(at + 0.5 - start) * inverse)) + add;
    map[at] = pixel >= 0 && pixel < count ? Math.floor(pixel / binning) : -1;
  }
  return map;
}

/**
 * Which pixels of the picture each pixel of a reduced canvas covers along one axis, as half-open ranges; empty where
 * there are none. A pixel belongs to the canvas pixel that its far edge lies on, so that each belongs to one and none
 * is left out; the one that the end of the canvas cuts off belongs to the last. In 32-bit floats, as the shader
 * computes it.
 *
 * @param from filled, as long as the canvas
 * @param to the same
 */
export function blockMap(
  from: Int32Array,
  to: Int32Array,
  offset: number,
  scale: number,
  { sign, add, count, binning }: ShownAxis,
): void {
  const start = Math.fround(offset);
  const inverse = Math.fround(1 / scale);
  for (let at = 0; at < from.length; at++) {
    const near = Math.floor(Math.fround(Math.fround(at - start) * inverse));
    const edge = Math.fround(Math.fround(at + 1 - start) * inverse);
    const far = Math.max(at === from.length - 1 ? Math.ceil(edge) : Math.floor(edge), near + 1);
    const first = Math.max(sign > 0 ? near + add : add - far + 1, 0);
    const last = Math.min(sign > 0 ? far + add : add - near + 1, count);
    const covers = first < last;
    from[at] = covers ? Math.floor(first / binning) : 0;
    to[at] = covers ? Math.floor((last - 1) / binning) + 1 : 0;
  }
}

/**
 * The shown pixels that so many pixels of a picture from `first` on lie at, half-open; the last pixel of a preview may
 * be cut off.
 */
export function shownRange({ sign, add, count, binning }: ShownAxis, first: number, length: number): [number, number] {
  const from = first * binning;
  const to = Math.min((first + length) * binning, count);
  return sign > 0 ? [from - add, to - add] : [add - to + 1, add - from + 1];
}

/** First and last canvas pixel that may show `count` pixels from `first` on, as a half-open range within the canvas. */
export function coveredRange(
  first: number,
  count: number,
  offset: number,
  scale: number,
  length: number,
): [number, number] {
  const from = Math.floor(first * scale + offset) - 1;
  const to = Math.ceil((first + count) * scale + offset) + 1;
  return [Math.min(Math.max(from, 0), length), Math.min(Math.max(to, 0), length)];
}
