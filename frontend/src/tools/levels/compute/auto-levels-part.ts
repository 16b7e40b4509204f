import type { NumberArray } from "../../../analysis/statistics";

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

/** The red, green and blue values of a colour image, without what says how opaque a pixel is. */
export class ColourParts {
  private memory: NumberArray = new Uint8Array(0);

  /** Valid until the next call; the pixels themselves where there is nothing to leave out. */
  of(pixels: NumberArray, channels: number): NumberArray {
    if (channels !== 4) return pixels;
    const count = (pixels.length / 4) * 3;
    if (this.memory.constructor !== pixels.constructor || this.memory.length !== count) {
      this.memory = new (pixels.constructor as new (length: number) => NumberArray)(count);
    }
    for (let from = 0, to = 0; to < count; from += 4, to += 3) {
      for (let part = 0; part < 3; part++) this.memory[to + part] = pixels[from + part]!;
    }
    return this.memory;
  }
}
