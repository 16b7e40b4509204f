import { pixelText } from "../analysis/readout";
import type { CursorState, Profiles, Region } from "../contract";
import { DecodeError, type Decoder } from "../decode/decoder";
import { decodeImage, decodeValues, type Image, toArrayValue } from "../decode/image";
import type { Block, Frame } from "../protocol/frame";
import { isPreview, type Prepared } from "./prepare";

/** Slots of the decoder: for the exact pixels around the cursor, and for arrays that are copied at once. */
const DETAIL_SLOT = 3;
const COPIED_SLOT = 2;

export interface Reading {
  text: string;
  state: CursorState;
}

/** Reads values of single pixels of the source out of what was sent of an image. */
export class PixelReader {
  private readonly decoder: Decoder;
  /** the decoded detail of the frame that was read last; null: it has none that can be used */
  private detail: { block: Block; image: Image | null } | null = null;

  constructor(decoder: Decoder) {
    this.decoder = decoder;
  }

  /** The value of a pixel of the source; never one that was computed from a preview. */
  read({ frame, block, image }: Prepared, row: number, column: number): Reading {
    if (!isPreview(block)) {
      if (image === null) return { text: "", state: "exact" };
      const text = textAt(image, block.crop, row, column);
      if (text !== "") return { text, state: block.exact ? "exact" : "rounded" };
      return { text, state: block.crop === null ? "exact" : "outside" };
    }
    const detail = this.detailOf(frame);
    const text = detail === null || frame.detail === null ? "" : textAt(detail, frame.detail.crop, row, column);
    return { text, state: text === "" ? "waiting" : "exact" };
  }

  /** Sums and histogram of the whole image, in copies; those of them that are there and sound. */
  profiles({ profiles: { x, y }, histogram }: Frame): Profiles | null {
    if (x === null && y === null && histogram === null) return null;
    const copy = (block: Block | null) => {
      return block === null ? null : toArrayValue(decodeValues(block, this.decoder, COPIED_SLOT));
    };
    const counts = copy(histogram?.block ?? null);
    return {
      x: copy(x),
      y: copy(y),
      histogram: histogram === null || counts === null ? null : { counts, low: histogram.low, width: histogram.width },
    };
  }

  private detailOf({ detail: block }: Frame): Image | null {
    if (block === null || !block.exact) return null;
    if (this.detail?.block === block) return this.detail.image;
    let image: Image | null = null;
    try {
      image = decodeImage(block, this.decoder, DETAIL_SLOT);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
    this.detail = { block, image };
    return image;
  }
}

/** Empty outside of what was sent. */
function textAt(image: Image, crop: Region | null, row: number, column: number): string {
  return pixelText(image, row - (crop?.[1] ?? 0), column - (crop?.[0] ?? 0));
}
