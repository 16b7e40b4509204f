/** Where the picture lies on the canvas, how it is turned, and what its axes say. */

/**
 * How the image of the source is turned to be shown: the pixel (u, v) of the shown image (u to the right, v down) is the
 * source's pixel (column, row) = (a, b), with (a, b) = transpose ? (v, u) : (u, v), then a = columns - 1 - a if mirrorX and
 * b = rows - 1 - b if mirrorY.
 */
export interface Orientation {
  transpose: boolean;
  mirrorX: boolean;
  mirrorY: boolean;
}

/** Where the shown image lies on the canvas. */
export interface Placement {
  scale: number;
  offsetX: number;
  offsetY: number;
}

/**
 * The pixel (0, 0) of the shown image has its centre at (0, 0); canvas pixel = (shown + 0.5) * scale + offset, in device
 * pixels, with the scale of the short side of very long images times their stretch (render/stretch.ts). The same for every format: a preview or a crop is drawn where its pixels lie in the whole image.
 */
export interface View extends Placement {
  orientation: Orientation;
}

/** Position of the centres of the pixels along one axis of the source's image. */
export type Axis =
  | { kind: "pixel" }
  /** origin + step * index */
  | { kind: "linear"; origin: number; step: number; unit: string }
  /** one value for each pixel, rising or descending */
  | { kind: "values"; values: Float64Array; unit: string; name: string };

export interface ViewOrders {
  /** of the canvas, in device pixels */
  size: { width: number; height: number };
  view: { view: View };
}
