import type { AnalysisWish, ComputingNews, ComputingOrders, ImageFormat, Sample, SampleContent } from "../contract";
import { handle, type Handlers, type Message, type Senders, sendersOf } from "../contract/kinds";
import { Afterwards } from "./afterwards";
import { ROUNDED, WAITING_FOR_ALL } from "../tools/missing";
import { isPreview } from "./prepare";
import type { PixelReader } from "./reader";
import type { OnScreen } from "./screen";

export interface AnalysisFeedOptions {
  reader(): PixelReader;
  present(): OnScreen | null;
  /** what a person chose: the format, and the value of saturated pixels */
  chosen(): { format: ImageFormat; saturation: number | null };
  /** fewer pictures are shown than the source sends */
  missesPictures(): boolean;
  failed(error: unknown): void;
}

/** The end of a channel, as far as it is needed. */
export type Port = Pick<MessagePort, "postMessage" | "onmessage">;

/** More results a second cannot be read. */
const INTERVAL_MS = 100;
/** While pictures are missed the analysis may take this part of a core, which they could need. */
const SPARING_PART = 0.3;
/** The histogram is always open beside the picture: it follows as fast as an eye, and may take this part of the time. */
const HISTOGRAM_INTERVAL_MS = 125;
const HISTOGRAM_PART = 1 / 50;
/** One that took long once, because nothing was warm yet, does not hold up the next one for long. */
const LONGEST_MS = 1000;

/**
 * Hands the analysis worker a copy of the picture on screen: the newest one, after it was drawn and acknowledged, and
 * only when the worker has done with the one before, so that no picture waits for it. The memory of the copies goes back
 * and forth. While nothing is wanted nothing is copied.
 */
export class AnalysisFeed {
  private readonly options: AnalysisFeedOptions;
  private readonly afterwards = new Afterwards(() => this.hand());
  /** null: the worker is not there yet */
  private worker: Senders<ComputingOrders> | null = null;
  private wish: AnalysisWish | null = null;
  private onlyHistogram = false;
  /** the picture or the wish is another one than that of the last sample */
  private due = false;
  /** when the sample that the worker has was begun, and how long the copy took; null: it has none */
  private handed: { at: number; copyMs: number } | null = null;
  private spare: ArrayBuffer[] = [];
  private readonly handlers: Handlers<ComputingNews> = {
    free: ({ tookMs, buffers }) => this.freed(tookMs, buffers),
  };

  constructor(options: AnalysisFeedOptions) {
    this.options = options;
  }

  /** What is wanted; null: nothing. */
  get wanted(): AnalysisWish | null {
    return this.wish;
  }

  /** The worker is there, or another one in its place. */
  connect(port: Port): void {
    this.worker = sendersOf<ComputingOrders>({ wish: true, sample: true }, (message, transfer = []) =>
      port.postMessage(message, transfer),
    );
    port.onmessage = ({ data }: MessageEvent<Message<ComputingNews>>) => handle(this.handlers, data);
    this.handed = null;
    this.worker.wish({ wish: this.wish });
    this.pictureChanged();
  }

  setWish(wish: AnalysisWish): void {
    const { histogram, projections, rois, line, tools } = wish;
    const numbers = projections !== null || rois.length > 0 || line !== null || tools.length > 0;
    const any = histogram || numbers;
    // Who asks for numbers does not wait until it is time for another histogram.
    if (this.onlyHistogram && numbers) {
      this.afterwards.cancel();
      this.afterwards.holdUntil(-Infinity);
    }
    this.onlyHistogram = !numbers;
    this.wish = any ? wish : null;
    this.worker?.wish({ wish: this.wish });
    if (any) return this.pictureChanged();
    this.afterwards.cancel();
    this.due = false;
    this.spare = [];
  }

  /** Another picture is on screen, or the same one in another form. */
  pictureChanged(): void {
    if (this.wish === null) return;
    this.due = true;
    this.askNext();
  }

  private askNext(): void {
    if (this.due && this.worker !== null && this.handed === null) this.afterwards.ask();
  }

  private hand(): void {
    const { worker, wish } = this;
    const present = this.options.present();
    if (worker === null || present === null || wish === null || this.handed !== null) return;
    this.due = false;
    const at = performance.now();
    try {
      const sample = this.sampleOf(present);
      const { content } = sample;
      const memory = content.kind === "pixels" ? [content.pixels, content.processed] : [];
      this.handed = { at, copyMs: performance.now() - at };
      worker.sample(
        { sample },
        memory.filter((one) => one !== null),
      );
    } catch (error) {
      this.handed = null;
      this.options.failed(error);
    }
  }

  private freed(tookMs: number, buffers: ArrayBuffer[]): void {
    const { handed, wish } = this;
    if (handed === null) return;
    this.handed = null;
    if (wish === null) return;
    this.spare = buffers;
    const cost = tookMs + handed.copyMs;
    const wait = this.onlyHistogram
      ? Math.max(HISTOGRAM_INTERVAL_MS, Math.min(cost / HISTOGRAM_PART, LONGEST_MS))
      : Math.max(INTERVAL_MS, this.options.missesPictures() ? cost / SPARING_PART : cost);
    this.afterwards.holdUntil(handed.at + wait);
    this.askNext();
  }

  private sampleOf(present: OnScreen): Sample {
    const { shown } = present;
    const { format, saturation } = this.options.chosen();
    return {
      picture: shown.picture,
      drawnAt: shown.drawnAt,
      pulse: shown.pulse,
      channel: shown.channel,
      saturation: shown.saturation.level ?? saturation,
      format,
      content: this.contentOf(present),
    };
  }

  private contentOf({ prepared, drawn }: OnScreen): SampleContent {
    const { block, frame, values } = prepared;
    const { picture } = drawn;
    const source = drawn === prepared ? "pixels" : "processed";
    const nothing = (why: string): SampleContent => ({ kind: "nothing", source, why });
    if (picture === null) return nothing("This is a curve, not an image.");
    if (block.colour !== null) return nothing("Colour images are not analysed.");
    const { x, y, width, height, columns, rows } = picture.place;
    if (isPreview(block)) {
      const saturated = block.numbers !== null && block.numbers.saturation !== null && block.numbers.saturated > 0;
      return { kind: "sums", profiles: this.options.reader().profiles(frame), columns, rows, saturated };
    }
    if (block.rounded) return nothing(ROUNDED);
    if (values.data.length !== width * height) return nothing(WAITING_FOR_ALL);
    return {
      kind: "pixels",
      dtype: values.dtype,
      pixels: this.copyOf(values.data),
      processed: drawn === prepared ? null : this.copyOf(picture.numbers),
      place: { x, y, width, height, columns, rows },
      range: picture.range,
    };
  }

  /** A copy in memory that was used before, if there is some of the right size. */
  private copyOf(pixels: ArrayBufferView): ArrayBuffer {
    const { buffer, byteOffset, byteLength } = pixels;
    const at = this.spare.findIndex((one) => one.byteLength === byteLength);
    const copy = at < 0 ? new ArrayBuffer(byteLength) : this.spare.splice(at, 1)[0]!;
    new Uint8Array(copy).set(new Uint8Array(buffer, byteOffset, byteLength));
    return copy;
  }
}
