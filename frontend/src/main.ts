/** Composition: the worker, and the page that talks to it. */

import "./ui/locale-guard";
import "uplot/dist/uPlot.min.css";
import type { FromWorker } from "./contract";
import { Page } from "./ui/page";

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "live" });

new Page({
  post: (message, transfer = []) => worker.postMessage(message, transfer),
  onMessage: (listener) => worker.addEventListener("message", (event: MessageEvent<FromWorker>) => listener(event.data)),
  onFailure: (listener) => {
    worker.addEventListener("error", (event) => listener(`Its worker failed: ${event.message || "it could not be loaded"}.`));
    worker.addEventListener("messageerror", () => listener("A message of its worker could not be read."));
  },
}).start();
