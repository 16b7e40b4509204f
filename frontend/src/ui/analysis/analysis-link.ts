/** The analysis worker, as the page has it: started when something is to be computed, and again if it could not be loaded. */

import type { Orders, ResultNews } from "../../contract";
import type { Message, Senders } from "../../contract/kinds";

export interface AnalysisLinkOptions {
  /** the picture worker, which gets the other end of the channel */
  picture: Senders<Orders>;
  hear(message: Message<ResultNews>): void;
  /** a fault within the worker */
  fault(text: string): void;
  /** it could not be loaded, several times in a row */
  failing(): void;
}

const AGAIN_MS = 2000;
/** So often in a row may loading fail before it is said: the server may be away for a moment. */
const PATIENCE = 5;

export class AnalysisLink {
  private readonly options: AnalysisLinkOptions;
  private started = false;
  private failures = 0;

  constructor(options: AnalysisLinkOptions) {
    this.options = options;
  }

  /** May be called as often as one likes. */
  start(): void {
    if (this.started) return;
    this.started = true;
    const worker = new Worker(new URL("../../compute/analysis-worker.ts", import.meta.url), {
      type: "module",
      name: "analysis",
    });
    const { port1, port2 } = new MessageChannel();
    worker.addEventListener("message", ({ data }: MessageEvent<Message<ResultNews>>) => this.options.hear(data));
    worker.addEventListener("error", ({ message }) => {
      // One that could not be loaded says nothing.
      if (message !== undefined) this.options.fault(message);
      else this.startAgain(worker);
    });
    worker.postMessage(port1, [port1]);
    this.options.picture.computing({ port: port2 }, [port2]);
  }

  private startAgain(worker: Worker): void {
    worker.terminate();
    this.failures += 1;
    if (this.failures === PATIENCE) this.options.failing();
    window.setTimeout(() => {
      this.started = false;
      this.start();
    }, AGAIN_MS);
  }
}
