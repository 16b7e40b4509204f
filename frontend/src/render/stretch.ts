/**
 * An image of one row, or of a few long ones, would be a line on the screen that nobody sees: its short side is drawn as a
 * band. Only where pixels lie on the screen changes; their numbers and places in the image do not. Pure.
 */

interface Size {
  width: number;
  height: number;
}

/** Images that are longer than this many times their short side are stretched ... */
const LONGEST = 48;
/** ... until they are about so many times as long as their short side. */
const BAND = 8;

/** How many times as wide and as high as a square the pixels of a shown image are drawn; at least one of them is 1. */
export function stretchOf({ width, height }: Size): { x: number; y: number } {
  return { x: factor(width, height), y: factor(height, width) };
}

/** The shown image in units of the longer side's pixels, as it is drawn. */
export function drawnSize({ width, height }: Size): Size {
  return { width: width * factor(width, height), height: height * factor(height, width) };
}

/** A whole number, so that all pixels are equally wide where those of the longer side are. */
function factor(side: number, other: number): number {
  return other > LONGEST * side ? Math.floor(other / (BAND * side)) : 1;
}
