/** Colour images of other types than bytes, as bytes under levels: what both renderers draw. */

import { BAD } from "./colourmaps";
import { type Scale, scaleFor, shadeIndex } from "./levels";
import type { Picture } from "./renderer";

const ALPHA = 3;

/** The scale under which a byte is its own shade. */
export const BYTES: Scale = scaleFor("uint8", 0, 255);

/** Whether the parts of a picture have to be made bytes. */
export function isWideColour({ image }: Picture): boolean {
  return image.channels !== 1 && image.dtype !== "uint8";
}

/** Made anew only when picture, levels or colours change. */
export class ShadedPicture {
  private source: Picture | null = null;
  private scale: Scale | null = null;
  private colours: Uint8Array | null = null;
  private bytes = new Uint8Array(0);
  private picture: Picture | null = null;

  /**
   * The picture in shades from 0 at the low level to 255 at the high one, to be drawn with the scale `BYTES`; a pixel with a
   * part that is not finite has the palette's colour for that.
   */
  of(source: Picture, scale: Scale, colours: Uint8Array): Picture {
    const same = source === this.source && scale === this.scale && colours === this.colours;
    if (same && this.picture !== null) return this.picture;
    const { image, numbers } = source;
    if (this.bytes.length !== numbers.length) this.bytes = new Uint8Array(numbers.length);
    const { bytes } = this;
    for (let at = 0; at < numbers.length; at += image.channels) {
      let finite = true;
      for (let part = 0; part < ALPHA; part++) {
        const value = numbers[at + part]!;
        finite &&= value - value === 0;
        bytes[at + part] = shadeIndex(value, scale);
      }
      if (!finite) for (let part = 0; part < ALPHA; part++) bytes[at + part] = colours[4 * BAD + part]!;
    }
    [this.source, this.scale, this.colours] = [source, scale, colours];
    this.picture = { ...source, image: { ...image, dtype: "uint8", data: bytes }, numbers: bytes, wide: null };
    return this.picture;
  }
}
