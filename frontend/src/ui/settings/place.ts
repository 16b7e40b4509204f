/** Places in the image, as addresses write them. */

import { finiteNumbers } from "./setting";

/** Sides of images are shorter by far; larger numbers are no pixels. */
const LARGEST = 1e6;

/** A place in the source's image; (0, 0) is the centre of the first pixel. */
export interface Place {
  x: number;
  y: number;
}

/** null: it is none */
export function placeOf(text: string | null): Place | null {
  const [x, y] = finiteNumbers(text, 2) ?? [];
  return x === undefined || y === undefined ? null : { x, y };
}

/** Numbers between commas, as short as they can be told apart on a picture. */
export function numbers(...values: number[]): string {
  return values.map((value) => String(Number(value.toPrecision(7)))).join(",");
}

export function isImagePlace(value: number): boolean {
  return value >= -0.5 && value <= LARGEST;
}
