/** Values of single pixels, and copies of many. */

import type { Shown } from "./picture";
import type { Region } from "./regions";
import type { ArrayValue, DType, Pulse } from "./values";

export type CursorState = "exact" | "rounded" | "waiting" | "outside";

/** What the server computed of a whole image, exact, and sent with its preview. */
export interface Profiles {
  /** sum over the rows, one value for each column; sum over the columns, one for each row */
  x: ArrayValue | null;
  y: ArrayValue | null;
  /** counts of the finite values; bin i begins at low + i * width */
  histogram: { counts: ArrayValue; low: number; width: number } | null;
}

export interface PixelsOrders {
  /** pixel of the source's image under the cursor, or null */
  cursor: { pixel: { row: number; column: number } | null };
  /** values of these pixels of the source as text, with each picture; null: none */
  print: { region: Region | null };
  /** ask for the decoded pixels of the frame on screen, for `viewer.pixels()` */
  pixels: { id: number };
  /** ask for the sums and the histogram that came with the preview on screen, for `viewer.profiles()` */
  profiles: { id: number };
  /** ask for the canvas as a PNG file, drawn anew for it */
  snapshot: { id: number };
}

export interface PixelsNews {
  /**
   * text of the value(s) under the cursor with the pulse that it belongs to. `exact`: as sent by the source; `rounded`: to
   * 32 bits on the way; `waiting`: a preview, the exact value is asked for; `outside`: beside the part that was sent. Without
   * text in the last two cases. `processed`: what processing made of it; null: the picture is not processed.
   */
  cursor: {
    row: number;
    column: number;
    text: string;
    processed: string | null;
    sequence: bigint;
    state: CursorState;
  };
  /** row by row, "" where nothing exact was sent */
  printed: { region: Region; texts: string[]; sequence: bigint };
  /** `data` is null when there are no exact pixels on screen; `reason` says why, null: there is no picture */
  pixels: {
    id: number;
    pulse: Pulse | null;
    dtype: DType | null;
    shape: number[];
    crop: Region | null;
    data: ArrayBuffer | null;
    reason: string | null;
  };
  profiles: { id: number; pulse: Pulse | null; profiles: Profiles | null };
  /** a PNG file as large as the canvas, transparent beside the picture `shown`; null when there is no picture */
  snapshot: { id: number; shown: Shown | null; png: ArrayBuffer | null };
}
