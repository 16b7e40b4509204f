import type { SampleContent } from "../contract";
import { typed } from "../decode/image";
import { Doubles } from "../decode/numbers";
import { ITEM_BYTES } from "../protocol/dtypes";
import type { Pixels } from "../tools/examination";

/** Looks at the memory of samples as numbers. */
export class PixelViews {
  private readonly doubles = new Doubles();

  /** Valid until the next call. */
  of({ dtype, pixels, processed, place, range }: Extract<SampleContent, { kind: "pixels" }>): Pixels {
    const count = place.width * place.height;
    const data = typed(new Uint8Array(pixels, 0, count * ITEM_BYTES[dtype]), dtype);
    const sent = this.doubles.of(data, 0);
    const wide = data instanceof BigInt64Array || data instanceof BigUint64Array ? data : null;
    if (processed === null) return { numbers: sent, sent, wide, dtype, place, range };
    return { numbers: new Float64Array(processed, 0, count), sent, wide: null, dtype: "float64", place, range };
  }
}
