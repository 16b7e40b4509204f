/**
 * What the picture worker and the analysis worker say to each other, over a channel of their own: what is to be computed,
 * copies of the newest exact pixels, and these copies' memory on its way back.
 */

import type { AnalysisWish } from "./analysis";
import type { ImageFormat } from "./picture";
import type { Profiles } from "./pixels";
import type { DType, Pulse } from "./values";

/** Where the pixels that were sent lie in the source's image, in its pixels; `columns`, `rows`: of the whole image. */
export interface SamplePlace {
  x: number;
  y: number;
  width: number;
  height: number;
  columns: number;
  rows: number;
}

export type SampleContent =
  /** exact pixels as they were sent, row by row from the beginning of `pixels` */
  | {
      kind: "pixels";
      dtype: DType;
      pixels: ArrayBuffer;
      /** what processing made of them and is on screen, float64; null: they are drawn as they were sent */
      processed: ArrayBuffer | null;
      place: SamplePlace;
      /** lowest and highest finite pixel as it is drawn; null: none is finite */
      range: [number, number] | null;
    }
  /** what the server computed of the whole image and sent with its preview; `profiles` null: nothing */
  | { kind: "sums"; profiles: Profiles | null; columns: number; rows: number; saturated: boolean }
  /** nothing can be computed of this picture; `why` is for the user */
  | { kind: "nothing"; source: "pixels" | "processed"; why: string };

/** A picture that was drawn, as far as something is to be computed of it. */
export interface Sample {
  /** as `Shown.picture` */
  picture: number;
  pulse: Pulse;
  channel: string;
  /** value from which on pixels as they were sent are saturated; null: not known */
  saturation: number | null;
  /** what a person chose */
  format: ImageFormat;
  content: SampleContent;
}

export interface ComputingOrders {
  /** what is to be computed of the samples from now on; null: nothing */
  wish: { wish: AnalysisWish | null };
  sample: { sample: Sample };
}

export interface ComputingNews {
  /** the last sample was computed, in so many ms, or could not be; its memory may be used again */
  free: { tookMs: number; buffers: ArrayBuffer[] };
}
