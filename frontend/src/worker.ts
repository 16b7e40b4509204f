/** Entry of the worker: puts the parts together and passes the page's messages on. */

import type { FromWorker, ToWorker } from "./contract";
import { chooseDecoder } from "./decode/choose";
import type { Decoder } from "./decode/decoder";
import { JpegDecoder } from "./decode/jpeg";
import { Viewer } from "./live/viewer";
import { chooseRenderer, prepareChoice } from "./render/choose";
import { LiveSocket } from "./transport/socket";

declare const self: DedicatedWorkerGlobalScope;

type Start = Extract<ToWorker, { type: "start" }>;

let viewer: Viewer | null = null;
/** what came before the viewer was there */
const early: Exclude<ToWorker, Start>[] = [];

function post(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
  // While the first picture is on its way; before, it would delay the word that asks for one.
  if (message.type === "hello") setTimeout(prepareChoice, 0);
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type !== "start") {
    if (viewer === null) early.push(data);
    else viewer.receive(data);
    return;
  }
  const decoder = chooseDecoder();
  if (!(decoder instanceof Promise)) return begin(data, decoder);
  decoder.then(
    (loaded) => begin(data, loaded),
    () => post({ type: "error", text: "The decoder could not be loaded. Reload the page for it." }),
  );
};

function begin(start: Start, decoder: Decoder): void {
  const { canvas, url, renderer } = start;
  canvas.width = start.width;
  canvas.height = start.height;
  viewer = new Viewer(start, {
    decoder,
    loadProcessor: (use, failed) => {
      import("./live/processing").then(({ Processor }) => use(Processor), failed);
    },
    jpeg: new JpegDecoder(),
    makeRenderer: (picture, look, events) => chooseRenderer(canvas, picture, look, renderer ?? null, events),
    capture: () => canvas.convertToBlob({ type: "image/png" }),
    requestFrame: (callback) => self.requestAnimationFrame(callback),
    makeSocket: (handlers) => new LiveSocket(url, handlers),
    post,
  });
  for (const order of early.splice(0)) viewer.receive(order);
}
