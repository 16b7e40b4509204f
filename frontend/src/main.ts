/** Composition: the worker, and the page that talks to it. */

import "./ui/locale-guard";
import type { FromWorker } from "./contract";
import { Page } from "./ui/page";

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "live" });

new Page({
  post: (message, transfer = []) => worker.postMessage(message, transfer),
  onMessage: (listener) =>
    worker.addEventListener("message", (event: MessageEvent<FromWorker>) => listener(event.data)),
  onFailure: (listener) => {
    // A worker that could not be loaded is the end; a fault inside of it has a message, and the next frame may be fine.
    worker.addEventListener("error", (event) => listener(event.message === undefined ? null : event.message));
    worker.addEventListener("messageerror", () => listener("a message of the worker could not be read"));
  },
}).start();
