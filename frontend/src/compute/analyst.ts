import { RateMeter } from "../analysis/rate";
import type { AnalysisWish, ComputingNews, ComputingOrders, ResultNews, Sample } from "../contract";
import { handle, type Handlers, type Message, type Senders } from "../contract/kinds";
import { ToolBench } from "../tools/computing";
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
  private readonly tools: ToolBench;
  private readonly examiner: Examiner;
  private readonly rate = new RateMeter();
  private wish: AnalysisWish | null = null;
  private told = "";
  private readonly handlers: Handlers<ComputingOrders> = {
    wish: ({ wish }) => {
      this.wish = wish;
      if (wish === null) this.rate.reset();
    },
    sample: ({ sample }) => this.take(sample),
  };

  constructor(options: AnalystOptions, tools = new ToolBench()) {
    this.options = options;
    this.tools = tools;
    this.examiner = new Examiner(tools);
  }

  /** Does what the picture worker says. */
  receive(order: Message<ComputingOrders>): void {
    handle(this.handlers, order);
  }

  /** A sample waits for tools that are not loaded yet: of a picture that is held there is no other one. */
  private take(sample: Sample): void {
    const wanted = this.wish?.tools ?? [];
    if (this.tools.has(wanted)) return this.compute(sample);
    this.tools
      .load(wanted)
      .catch((error: unknown) => this.fail(error))
      .then(() => this.compute(sample));
  }

  private compute(sample: Sample): void {
    const start = performance.now();
    const { picture, drawnAt, pulse, channel, content } = sample;
    try {
      if (this.wish !== null) {
        const findings = this.examiner.examine(sample, this.wish);
        const end = performance.now();
        const rate = this.rate.count(end);
        const of = { picture, drawnAt, pulse, channel };
        this.options.page.analysis({ analysis: { ...of, rate, tookMs: end - start, ...findings } });
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
