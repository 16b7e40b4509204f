import { DecodeError, type Decoder } from "../decode/decoder";
import { decodeValues } from "../decode/image";
import type { Block } from "../protocol/frame";
import type { Picture } from "../render/renderer";

/** Slot of the decoder for arrays that are used up at once. */
const COPIED_SLOT = 2;
/** What a pixel of the block says, 0 where the pixel has a value (docs/protocol.md). */
const SHOWN_AS: readonly number[] = [0, Number.NaN, Infinity, -Infinity];

/**
 * Previews in which some pixels have no value. Their grays become 32-bit floats, with NaN and the infinities where the
 * server says so: what is drawn of those is then the business of nobody but the renderers, as in exact images.
 */
export class BadPixels {
  private readonly decoder: Decoder;
  private readonly slots: Float32Array[] = [];
  /** a preview had such pixels: the next ones stay floats, so that no texture is made anew from frame to frame */
  private seen = false;

  constructor(decoder: Decoder) {
    this.decoder = decoder;
  }

  /** Other pictures are to come. */
  forget(): void {
    this.seen = false;
  }

  /**
   * The picture of a preview with what its block says of bad pixels; null: the preview came without one.
   *
   * @throws DecodeError
   */
  mark(picture: Picture, bad: Block | null, slot: number): Picture {
    if (bad === null && !this.seen) return picture;
    this.seen = true;
    const { image, numbers } = picture;
    const floats = this.memory(slot, numbers.length);
    floats.set(numbers);
    if (bad !== null) this.spoil(floats, bad, picture);
    return { ...picture, image: { ...image, dtype: "float32", data: floats }, numbers: floats };
  }

  private spoil(floats: Float32Array, bad: Block, { image: { rows, columns, channels } }: Picture): void {
    const { data } = decodeValues(bad, this.decoder, COPIED_SLOT);
    if (bad.dtype !== "uint8" || bad.shape.length !== 2 || bad.shape[0] !== rows || bad.shape[1] !== columns) {
      throw new DecodeError(`bad pixels of ${bad.shape.join(" x ")} for a preview of ${rows} x ${columns}`);
    }
    for (let pixel = 0; pixel < data.length; pixel++) {
      const code = data[pixel] as number;
      if (code === 0) continue;
      floats.fill(SHOWN_AS[code] ?? Number.NaN, pixel * channels, (pixel + 1) * channels);
    }
  }

  private memory(slot: number, length: number): Float32Array {
    let floats = this.slots[slot];
    if (floats === undefined || floats.length < length) floats = this.slots[slot] = new Float32Array(length);
    return floats.subarray(0, length);
  }
}
