import type { News } from "../contract";
import type { Senders } from "../contract/kinds";
import type { PixelReader } from "./reader";
import type { OnScreen } from "./screen";
import { notExact } from "./shown";

export interface AnswersOptions {
  reader: PixelReader;
  present(): OnScreen | null;
  /** draws the picture on screen anew and returns the canvas as a PNG file; null: there is no picture to be drawn */
  capture(): Promise<Blob> | null;
  news: Senders<News>;
  failed(error: unknown): void;
}

/** What the page asks of the picture on screen, answered by the number of the question. */
export class Answers {
  private readonly options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.options = options;
  }

  /** Sends a copy of the decoded pixels that are on screen, if they are exact. */
  pixels(id: number): void {
    const { news } = this.options;
    const present = this.options.present();
    const reason = present === null ? null : notExact(present.prepared);
    if (present === null || reason !== null) {
      news.pixels({ id, pulse: null, dtype: null, shape: [], crop: null, data: null, reason });
      return;
    }
    const { values, frame, block } = present.prepared;
    const { buffer, byteOffset, byteLength } = values.data;
    const data = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { dtype, shape } = values;
    const { pulse } = frame;
    news.pixels({ id, pulse, dtype, shape, crop: block.crop, data, reason: null }, [data]);
  }

  /** Sends what the server computed of the image on screen. */
  profiles(id: number): void {
    const { reader, news, failed } = this.options;
    const frame = this.options.present()?.prepared.frame ?? null;
    let profiles = null;
    try {
      profiles = frame === null ? null : reader.profiles(frame);
    } catch (error) {
      failed(error);
    }
    news.profiles({ id, pulse: frame?.pulse ?? null, profiles });
  }

  /** Sends what the canvas shows, as a file. */
  snapshot(id: number): void {
    const { news, failed } = this.options;
    const none = (): void => news.snapshot({ id, shown: null, png: null });
    const drawing = this.options.capture();
    const shown = this.options.present()?.shown;
    if (drawing === null || shown === undefined) return none();
    drawing
      .then((file) => file.arrayBuffer())
      .then(
        (png) => news.snapshot({ id, shown, png }, [png]),
        (error: unknown) => {
          failed(error);
          none();
        },
      );
  }
}
