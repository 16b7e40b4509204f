/** Entry of the analysis worker: its first message brings the channel to the picture worker; the page hears the results. */

import type { ComputingNews, ComputingOrders, ResultNews } from "../contract";
import { type Message, sendersOf } from "../contract/kinds";
import { Analyst } from "./analyst";

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = ({ data: port }: MessageEvent<MessagePort>) => {
  const analyst = new Analyst({
    picture: sendersOf<ComputingNews>({ free: true }, (message, transfer = []) => port.postMessage(message, transfer)),
    page: sendersOf<ResultNews>({ analysis: true, error: true }, (message) => self.postMessage(message)),
  });
  port.onmessage = ({ data }: MessageEvent<Message<ComputingOrders>>) => analyst.receive(data);
};
