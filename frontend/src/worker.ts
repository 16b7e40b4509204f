/** Entry of the worker: puts the parts together and passes the page's messages on. */

import type { FromWorker, ToWorker } from "./contract";
import { chooseDecoder } from "./decode/choose";
import { JpegDecoder } from "./decode/jpeg";
import { Viewer } from "./live/viewer";
import { chooseRenderer, prepareChoice } from "./render/choose";
import { LiveSocket } from "./transport/socket";

declare const self: DedicatedWorkerGlobalScope;

let viewer: Viewer | null = null;

function post(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
  // While the first picture is on its way; before, it would delay the word that asks for one.
  if (message.type === "hello") setTimeout(prepareChoice, 0);
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.type !== "start") {
    viewer?.receive(data);
    return;
  }
  const { canvas, url, renderer } = data;
  canvas.width = data.width;
  canvas.height = data.height;
  viewer = new Viewer(data, {
    decoder: chooseDecoder(),
    jpeg: new JpegDecoder(),
    loadExaminer: (use) => {
      import("./live/examine").then(
        ({ Examiner }) => use(Examiner),
        () => post({ type: "error", text: "The analysis could not be loaded. Reload the page for it." }),
      );
    },
    makeRenderer: (picture, look, events) => chooseRenderer(canvas, picture, look, renderer ?? null, events),
    capture: () => canvas.convertToBlob({ type: "image/png" }),
    requestFrame: (callback) => self.requestAnimationFrame(callback),
    makeSocket: (handlers) => new LiveSocket(url, handlers),
    post,
  });
};
