import type { Block } from "../protocol/frame";
import { isPreview, type Prepared, type Preparer } from "./prepare";
import type { Arrival } from "./shown";

export interface Ready {
  arrival: Arrival;
  prepared: Prepared;
}

export interface IncomingOptions {
  preparer: Preparer;
  /** memory that the next frame may use: not that of the frame on screen */
  slot(): number;
  /** a frame is ready to be drawn */
  ready(): void;
  /** a frame that cannot be shown */
  failed(error: unknown): void;
}

/**
 * Frames on their way to the screen, one of each kind: `newest` arrived and is not decoded, `decoding` is a preview in
 * the browser's decoder, which answers later, `ready` is decoded and waits for the display. A newer frame takes the
 * place of an older one, which is acknowledged undrawn.
 */
export class Incoming {
  private readonly options: IncomingOptions;
  private newest: Arrival | null = null;
  /** a frame that was given up meanwhile is null: the decoder is busy with it all the same */
  private decoding: { arrival: Arrival | null } | null = null;
  private readyOne: Ready | null = null;

  constructor(options: IncomingOptions) {
    this.options = options;
  }

  /** Takes a frame with an image block. */
  receive(arrival: Arrival): void {
    discard(this.newest);
    this.newest = arrival;
    this.prepareNext();
  }

  /** The frame that is ready, once; `prepareNext` is due after it was drawn. */
  take(): Ready | null {
    const ready = this.readyOne;
    this.readyOne = null;
    return ready;
  }

  /** Discards all that is on its way. */
  drop(): void {
    discard(this.newest);
    discard(this.readyOne?.arrival ?? null);
    this.newest = this.readyOne = null;
    if (this.decoding === null) return;
    discard(this.decoding.arrival);
    this.decoding.arrival = null;
  }

  /** Decodes the newest frame, unless another one is being decoded or waits to be drawn. */
  prepareNext(): void {
    if (this.readyOne !== null || this.decoding !== null) return;
    const { newest: arrival } = this;
    const image = arrival?.frame.image ?? null;
    this.newest = null;
    if (arrival === null || image === null) return;
    const { preparer, slot, failed, ready } = this.options;
    if (isPreview(image)) {
      void this.preparePreview(arrival, image, slot());
      return;
    }
    try {
      this.readyOne = { arrival, prepared: preparer.prepare(arrival.frame, image, slot()) };
    } catch (error) {
      failed(error);
      discard(arrival);
      return;
    }
    ready();
  }

  private async preparePreview(arrival: Arrival, block: Block, slot: number): Promise<void> {
    const { preparer, failed, ready } = this.options;
    const start = performance.now();
    const decoding: { arrival: Arrival | null } = { arrival };
    this.decoding = decoding;
    try {
      const image = await preparer.decodePreview(block, slot);
      if (decoding.arrival !== null) {
        const decodeMs = performance.now() - start;
        this.readyOne = { arrival, prepared: preparer.preparePreview(arrival.frame, block, image, decodeMs, slot) };
      }
    } catch (error) {
      failed(error);
      discard(decoding.arrival);
    }
    this.decoding = null;
    if (this.readyOne === null) this.prepareNext();
    else ready();
  }
}

/** Acknowledges a frame that will not be drawn. */
export function discard(arrival: Arrival | null): void {
  arrival?.acknowledge((performance.now() - arrival.arrived) * 1000);
}
