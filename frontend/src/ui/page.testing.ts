/** The page with a worker that only says what a test lets it say; for tests only. */

import html from "../../index.html?raw";
import type { Analysis, FromWorker, Projection, Shown, ToWorker } from "../contract";
import { Page } from "./page";

type Order<Kind extends ToWorker["type"]> = Extract<ToWorker, { type: Kind }>;

/** Without the script, which would begin with a real worker. */
const BODY = /<body>(.*)<\/body>/s.exec(html)![1]!.replace(/<script.*<\/script>/s, "");

/** What a browser has, and the DOM of the tests does not. */
function addWhatIsMissing(): void {
  const canvas = HTMLCanvasElement.prototype as unknown as Record<string, unknown>;
  canvas["transferControlToOffscreen"] ??= () => ({});
  const element = Element.prototype as unknown as Record<string, unknown>;
  element["setPointerCapture"] ??= () => undefined;
  (globalThis as Record<string, unknown>)["Worker"] ??= SilentWorker;
  addRows(HTMLTableSectionElement.prototype, "tr");
  addRows(HTMLTableRowElement.prototype, "td, th");
}

/** `rows` of a part of a table, or `cells` of a row. */
function addRows(prototype: HTMLElement, of: "tr" | "td, th"): void {
  const name = of === "tr" ? "rows" : "cells";
  if (name in prototype) return;
  Object.defineProperty(prototype, name, {
    get(this: HTMLElement) {
      return [...this.children].filter((child) => child.matches(of));
    },
  });
}

/** The analysis worker, which computes nothing here. */
class SilentWorker extends EventTarget {
  postMessage(): void {
    return;
  }

  terminate(): void {
    return;
  }
}

/** A page that was started, and its worker. Times go on by vitest's fake timers. */
export class PageBench {
  readonly orders: ToWorker[] = [];
  readonly page: Page;
  private hear: (message: FromWorker) => void = () => undefined;
  private fail: (text: string | null) => void = () => undefined;

  /** @param hash what stands behind the address of the page */
  constructor(hash = "") {
    addWhatIsMissing();
    history.replaceState(null, "", `${location.pathname}${hash}`);
    document.body.innerHTML = BODY;
    document.body.className = "";
    this.page = new Page({
      post: (message) => void this.orders.push(message),
      onMessage: (listener) => {
        this.hear = listener;
      },
      onFailure: (listener) => {
        this.fail = listener;
      },
    });
    this.page.start();
  }

  /** The worker says something. */
  say(message: FromWorker): void {
    this.hear(message);
  }

  /** The worker has a fault, or (null) could not be started. */
  break(text: string | null): void {
    this.fail(text);
  }

  /** What the worker was told of one kind. */
  told<Kind extends ToWorker["type"]>(kind: Kind): Order<Kind>[] {
    return this.orders.filter((order): order is Order<Kind> => order.type === kind);
  }

  /** What it was told last of one kind. */
  last<Kind extends ToWorker["type"]>(kind: Kind): Order<Kind> {
    const order = this.told(kind).at(-1);
    if (order === undefined) throw new Error(`the worker was not told "${kind}"`);
    return order;
  }

  /** The element with this `data-testid`. */
  find(id: string): HTMLElement {
    const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
    if (found === null) throw new Error(`no element "${id}"`);
    return found;
  }
}

/** What a worker says of a whole exact picture of 640 x 480 pixels. */
export function shownOf(sequence: number, change: Partial<Shown> = {}): Shown {
  const pulseId = BigInt(1000 + sequence);
  return {
    picture: sequence,
    pulse: { epoch: 1, sequence: BigInt(sequence), pulseId, sourceTime: 0n, receiptTime: 0n },
    channel: "image",
    dtype: "uint16",
    shape: [480, 640],
    of: [480, 640],
    crop: null,
    binning: 1,
    sourceDtype: "uint16",
    widened: false,
    numbers: null,
    choice: "exact",
    colour: false,
    slice: null,
    format: "raw",
    exact: true,
    bytes: 640 * 480 * 2,
    ageMs: 5,
    drawnAt: 0,
    legs: { serverMs: 1, networkMs: 1, decodeMs: 1, drawMs: 1 },
    levels: [0, 100],
    range: [0, 100],
    notFinite: 0,
    saturation: { level: null, guessed: false, count: null },
    rounded: null,
    renderer: "canvas2d",
    curve: null,
    shownRate: 10,
    notSent: 0,
    ...change,
  };
}

/** What is computed of that picture: projections of four pixels, without fits. */
export function analysisOf(sequence: number): Analysis {
  const projection: Projection = {
    first: 0,
    values: Float64Array.of(1, 2, 3, 2),
    baseline: 0,
    offset: null,
    moments: { com: 1.5, rms: 1, fwhm: 2 },
    fit: null,
  };
  return {
    pulse: shownOf(sequence).pulse,
    picture: sequence,
    channel: "image",
    source: "pixels",
    rate: 10,
    tookMs: 1,
    histogram: null,
    projections: { region: [0, 0, 4, 4], x: projection, y: projection },
    rois: [],
    line: null,
    missing: null,
  };
}
