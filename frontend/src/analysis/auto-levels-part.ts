import type { NumberArray } from "./statistics";

/** First column and row, number of columns and rows. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** Copies a box of pixels out of an image, into memory that is used again. */
export class PixelPart {
  private memory: NumberArray = new Uint8Array(0);

  /** The pixels of a box, row by row; valid until the next call. `columns`: of the image. */
  of(pixels: NumberArray, columns: number, [x, y, width, height]: Box): NumberArray {
    const count = width * height;
    if (this.memory.constructor !== pixels.constructor || this.memory.length < count) {
      this.memory = new (pixels.constructor as new (length: number) => NumberArray)(count);
    }
    for (let row = 0; row < height; row++) {
      const start = (y + row) * columns + x;
      this.memory.set(pixels.subarray(start, start + width), row * width);
    }
    return this.memory.subarray(0, count);
  }
}
