import type { ProcessingWish } from "../contract";
import { NO_PROCESSING, processes } from "../tools/corrections/compute/need";
import type { Prepared } from "./prepare";
import type { Processor, ProcessorOptions } from "./processing";

/** Hands over what processes pictures when it was loaded. */
export type LoadProcessor = (use: (made: typeof Processor) => void, failed: (error: unknown) => void) => void;

export interface LateProcessorOptions extends ProcessorOptions {
  load: LoadProcessor;
  /** it is there, and may have something to do with the picture on screen */
  loaded(): void;
  failed(error: unknown): void;
}

const AGAIN_MS = 2000;

/**
 * The processing of pictures, loaded with the first picture or when it is wanted, whichever is sooner. Until it is there
 * pictures are drawn as they came, and nothing says that they were processed.
 */
export class LateProcessor {
  private readonly options: LateProcessorOptions;
  private processor: Processor | null = null;
  private loading = false;
  /** what was said before it was there */
  private wish = NO_PROCESSING;
  private frames = 0;

  constructor(options: LateProcessorOptions) {
    this.options = options;
  }

  get wanted(): ProcessingWish {
    return this.wish;
  }

  get backgroundState(): Processor["backgroundState"] {
    if (this.processor !== null) return this.processor.backgroundState;
    return this.frames > 0 ? "taking" : "none";
  }

  setWish(wish: ProcessingWish): void {
    this.wish = wish;
    this.processor?.setWish(wish);
    if (processes(wish, false)) this.load();
  }

  /** As that of the processor. */
  takeBackground(frames: number): void {
    this.frames = frames;
    this.processor?.takeBackground(frames);
    this.load();
  }

  /** As that of the processor: until it is there, nothing is averaged. */
  restartAverage(): void {
    this.processor?.restartAverage();
  }

  process(channel: string, prepared: Prepared, isNew: boolean): Prepared {
    return this.processor?.process(channel, prepared, isNew) ?? prepared;
  }

  /** May be called as often as one likes. */
  load(): void {
    if (this.loading || this.processor !== null) return;
    this.loading = true;
    this.options.load(
      (Loaded) => this.use(new Loaded(this.options)),
      (error: unknown) => {
        setTimeout(() => {
          this.loading = false;
        }, AGAIN_MS);
        if (processes(this.wish, false) || this.frames > 0) this.options.failed(error);
      },
    );
  }

  private use(processor: Processor): void {
    this.processor = processor;
    processor.setWish(this.wish);
    if (this.frames > 0) processor.takeBackground(this.frames);
    this.options.loaded();
  }
}
