/** From the source's image to the image as it is shown, turned and mirrored (contract.Orientation), and back. */

import type { Orientation } from "../contract";

interface Size {
  width: number;
  height: number;
}

interface Place {
  x: number;
  y: number;
}

/** Columns and rows of the shown image. */
export function shownSize(orientation: Orientation, { width, height }: Size): Size {
  return orientation.transpose ? { width: height, height: width } : { width, height };
}

/** Where a place of the source's image is shown; places need not be whole pixels. `image`: size at the source. */
export function toShown(orientation: Orientation, { x, y }: Place, image: Size): Place {
  const a = orientation.mirrorX ? image.width - 1 - x : x;
  const b = orientation.mirrorY ? image.height - 1 - y : y;
  return orientation.transpose ? { x: b, y: a } : { x: a, y: b };
}

/** The place of the source's image that is shown at a place; the inverse of `toShown`. */
export function toSource(orientation: Orientation, { x, y }: Place, image: Size): Place {
  const a = orientation.transpose ? y : x;
  const b = orientation.transpose ? x : y;
  return {
    x: orientation.mirrorX ? image.width - 1 - a : a,
    y: orientation.mirrorY ? image.height - 1 - b : b,
  };
}

/** Turned by 90 degrees clockwise, as it is seen on the screen. */
export function turned(orientation: Orientation): Orientation {
  return mirrored({ ...orientation, transpose: !orientation.transpose }, "x");
}

/** Mirrored left to right, or top to bottom, as it is seen on the screen. */
export function mirrored({ transpose, mirrorX, mirrorY }: Orientation, axis: "x" | "y"): Orientation {
  const ofColumns = (axis === "x") !== transpose;
  return ofColumns ? { transpose, mirrorX: !mirrorX, mirrorY } : { transpose, mirrorX, mirrorY: !mirrorY };
}
