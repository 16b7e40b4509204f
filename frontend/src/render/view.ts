import type { View } from "../contract";
import { UPRIGHT } from "../defaults";

/** The whole picture, as large as the canvas allows, in its middle. */
export function fitView(width: number, height: number, columns: number, rows: number): View {
  const scale = Math.min(width / columns, height / rows);
  const [offsetX, offsetY] = [(width - columns * scale) / 2, (height - rows * scale) / 2];
  return { scale, offsetX, offsetY, orientation: UPRIGHT };
}

/**
 * Which pixel of the picture each pixel of the canvas shows along one axis: the one that the pixel of the source under
 * its centre belongs to, -1 where there is none. In 32-bit floats, as the shader computes it.
 *
 * @param map filled and returned; as long as the canvas
 * @param first first pixel of the source that the picture covers
 * @param count how many of them
 * @param binning how many of them to each pixel of the picture
 */
export function pixelMap(
  map: Int32Array, offset: number, scale: number, first: number, count: number, binning: number,
): Int32Array {
  const start = Math.fround(offset);
  const inverse = Math.fround(1 / scale);
  for (let at = 0; at < map.length; at++) {
    const pixel = Math.floor(Math.fround(Math.fround(at + 0.5 - start) * inverse)) - first;
    map[at] = pixel >= 0 && pixel < count ? Math.floor(pixel / binning) : -1;
  }
  return map;
}

/** First and last canvas pixel that may show `count` pixels from `first` on, as a half-open range within the canvas. */
export function coveredRange(
  first: number, count: number, offset: number, scale: number, length: number,
): [number, number] {
  const from = Math.floor(first * scale + offset) - 1;
  const to = Math.ceil((first + count) * scale + offset) + 1;
  return [Math.min(Math.max(from, 0), length), Math.min(Math.max(to, 0), length)];
}
