import { RateMeter } from "../analysis/rate";
import type { AnalysisWish, ComputingNews, ComputingOrders, ResultNews, Sample } from "../contract";
import { handle, type Handlers, type Message, type Senders } from "../contract/kinds";
import { Examiner } from "./examine";

export interface AnalystOptions {
  /** the picture worker, which hands over samples */
  picture: Senders<ComputingNews>;
  /** the page, which shows results */
  page: Senders<ResultNews>;
}

/** Computes what is wanted of each sample that it is given, and gives its memory back. */
export class Analyst {
  private readonly options: AnalystOptions;
  private readonly examiner = new Examiner();
  private readonly rate = new RateMeter();
  private wish: AnalysisWish | null = null;
  private told = "";
  private readonly handlers: Handlers<ComputingOrders> = {
    wish: ({ wish }) => {
      this.wish = wish;
      if (wish === null) this.rate.reset();
    },
    sample: ({ sample }) => this.compute(sample),
  };

  constructor(options: AnalystOptions) {
    this.options = options;
  }

  /** Does what the picture worker says. */
  receive(order: Message<ComputingOrders>): void {
    handle(this.handlers, order);
  }

  private compute(sample: Sample): void {
    const start = performance.now();
    const { picture, pulse, channel, content } = sample;
    try {
      if (this.wish !== null) {
        const findings = this.examiner.examine(sample, this.wish);
        const end = performance.now();
        const rate = this.rate.count(end);
        this.options.page.analysis({ analysis: { picture, pulse, channel, rate, tookMs: end - start, ...findings } });
      }
    } catch (error) {
      this.fail(error);
    }
    const buffers = content.kind === "pixels" ? [content.pixels, content.processed].filter((one) => one !== null) : [];
    this.options.picture.free({ tookMs: performance.now() - start, buffers }, buffers);
  }

  /** The same fault comes with each picture; it is told once. */
  private fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text !== this.told) this.options.page.error({ text });
    this.told = text;
  }
}
