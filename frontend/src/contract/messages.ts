/** Everything that the page and its worker say to each other: the kinds of all subjects together. */

import type { AnalysisNews, AnalysisOrders } from "./analysis";
import type { ColoursOrders } from "./colours";
import type { Message } from "./kinds";
import type { PictureNews, PictureOrders } from "./picture";
import type { PixelsNews, PixelsOrders } from "./pixels";
import type { ProcessingNews, ProcessingOrders } from "./processing";
import type { StreamNews, StreamOrders } from "./stream";
import type { ValuesNews } from "./values";
import type { ViewOrders } from "./view";

/** What the page tells the worker. */
export interface Orders
  extends StreamOrders,
    PictureOrders,
    ViewOrders,
    ColoursOrders,
    PixelsOrders,
    ProcessingOrders,
    AnalysisOrders {}

/** What the worker tells the page. */
export interface News extends StreamNews, PictureNews, PixelsNews, ValuesNews, ProcessingNews, AnalysisNews {}

/** What the page hears of the analysis worker. */
export type ResultNews = Pick<News, "analysis" | "error">;

export type ToWorker = Message<Orders>;
export type FromWorker = Message<News>;

export const ORDERS: Readonly<Record<keyof Orders, true>> = {
  start: true,
  visible: true,
  online: true,
  want: true,
  pause: true,
  size: true,
  view: true,
  colours: true,
  cursor: true,
  print: true,
  pixels: true,
  profiles: true,
  snapshot: true,
  process: true,
  background: true,
  "restart-average": true,
  analyse: true,
  computing: true,
};

export const NEWS: Readonly<Record<keyof News, true>> = {
  connection: true,
  hello: true,
  status: true,
  sending: true,
  error: true,
  shown: true,
  cleared: true,
  scalars: true,
  cursor: true,
  printed: true,
  pixels: true,
  profiles: true,
  snapshot: true,
  processing: true,
  analysis: true,
};
