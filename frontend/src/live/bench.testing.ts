/** A viewer with nothing real around it; for tests only. */

import type { ComputingNews, ComputingOrders, FromWorker, Orders, ResultNews, Sample } from "../contract";
import { type Message, sendersOf } from "../contract/kinds";
import { Bslz4Decoder } from "../decode/bslz4";
import { type Decoded, JpegDecoder } from "../decode/jpeg";
import { encodeFrame, encodeTable, imageBlock, type TestBlock, type TestFrame } from "../protocol/encoder.testing";
import { DEFAULT_COLOURS } from "../defaults";
import type { Look, Picture, Renderer, RendererEvents } from "../render/renderer";
import type { Heard } from "../transport/machine";
import type { Line, LiveSocketHandlers } from "../transport/socket";
import { Analyst } from "../compute/analyst";
import type { Port } from "./analysis-feed";
import { Processor } from "./processing";
import { Viewer } from "./viewer";

type Kind<T extends FromWorker["type"]> = Extract<FromWorker, { type: T }>;

/** The parts around a viewer: what it is told, what it says, and when it may draw. */
export class Bench {
  readonly posted: FromWorker[] = [];
  readonly sent: (string | ArrayBuffer)[] = [];
  readonly drawn: { values: number[]; look: Look }[] = [];
  readonly sizes: [number, number][] = [];
  /** previews in the browser's decoder */
  readonly decodings: { file: Uint8Array; resolve(picture: Decoded): void; reject(error: unknown): void }[] = [];
  events: RendererEvents | null = null;
  woken = 0;
  cleared = 0;
  viewer!: Viewer;
  private handlers!: LiveSocketHandlers;
  private frames: (() => void)[] = [];
  line: Line = this.newLine();
  computing = new ComputingBench((message) => void this.posted.push(message));

  constructor(visible = true) {
    const start: Orders["start"] = {
      canvas: null as unknown as OffscreenCanvas,
      url: "",
      build: "",
      colours: { ...DEFAULT_COLOURS, colourMap: "gray" },
      saturation: null,
      visible,
      width: 200,
      height: 100,
      format: "auto",
    };
    let picture: Picture | null = null;
    const renderer: Renderer = {
      name: "webgl2",
      setPicture: (next) => void (picture = next),
      draw: (look) => void this.drawn.push({ values: Array.from(picture!.numbers), look }),
      clear: () => void this.cleared++,
      resize: (width, height) => void this.sizes.push([width, height]),
      finish: () => undefined,
    };
    this.viewer = new Viewer(start, {
      decoder: new Bslz4Decoder(),
      loadProcessor: (use) => use(Processor),
      jpeg: new JpegDecoder((file) => new Promise((resolve, reject) => this.decodings.push({ file, resolve, reject }))),
      makeRenderer: (_picture, _look, events) => {
        this.events = events;
        return renderer;
      },
      capture: () => Promise.resolve(new Blob([`picture ${this.drawn.length}`])),
      requestFrame: (callback) => void this.frames.push(callback),
      makeSocket: (handlers) => {
        this.handlers = handlers;
        return { start: () => undefined, wake: () => void this.woken++, busy: () => undefined };
      },
      post: (message) => void this.posted.push(message),
    });
    this.viewer.receive({ type: "computing", port: this.computing.port as MessagePort });
  }

  /** Loses what the analysis worker has, and begins with a new one. */
  restartComputing(): void {
    this.computing = new ComputingBench((message) => void this.posted.push(message));
    this.viewer.receive({ type: "computing", port: this.computing.port as MessagePort });
  }

  newLine(): Line {
    return { send: (data) => void this.sent.push(data) };
  }

  /** What the viewer said the message was. */
  hear(data: object | ArrayBuffer): Heard {
    return this.handlers.message(
      data instanceof ArrayBuffer ? data : JSON.stringify(data),
      performance.now(),
      this.line,
    );
  }

  lose(): void {
    this.handlers.connection({ state: "lost", everOpen: true, retryInMs: 1, attempt: 1, reason: "" });
  }

  hello(epoch = 1): void {
    this.hear({ kind: "hello", protocol: "sov.1", build: "b", epoch });
    this.hear({
      kind: "channels",
      channels: [
        [7, "image"],
        [8, "other"],
        [9, "text"],
        [10, "curve"],
      ],
    });
  }

  /** An image of one pixel with this value. */
  image(sequence: number, value: number, keys: Record<string, unknown> = {}, frame: Partial<TestFrame> = {}): void {
    const table = encodeTable(
      [{ sequence: BigInt(sequence), pulseId: 0n, sourceTime: 0n }],
      [{ channel: 9, dtype: "string", values: [`of ${sequence}`] }],
    );
    const blocks = [
      imageBlock(Uint16Array.of(value), "uint16", [1, 1], keys),
      { keys: { role: "values", format: "table" }, payload: table },
    ];
    this.hear(encodeFrame({ sequence: BigInt(sequence), blocks, ...frame }));
  }

  /** A preview of one row of pixels, which the decoder gets as a file of its grays. */
  preview(sequence: number, grays: number[], keys: Record<string, unknown> = {}, blocks: TestBlock[] = []): void {
    const size = { shape: [1, grays.length], of: [1, grays.length], levels: [0, 255], source_dtype: "uint16" };
    const file = Uint8Array.of(0xff, 0xd8, ...grays, 0xff, 0xd9);
    const block = imageBlock(file, "uint8", [1, grays.length], { format: "jpeg", exact: false, ...size, ...keys });
    this.hear(encodeFrame({ sequence: BigInt(sequence), blocks: [block, ...blocks] }));
  }

  /** The browser has decoded the oldest preview. */
  async decoded(): Promise<void> {
    const { file, resolve } = this.decodings.shift()!;
    const grays = file.subarray(2, -2);
    const packed = Uint8Array.from({ length: 4 * grays.length }, (_, at) => grays[at >> 2]!);
    resolve({ columns: grays.length, rows: 1, read: async () => packed, close: () => undefined });
    await settled();
  }

  /** The display shows the next picture. */
  display(): void {
    for (const callback of this.frames.splice(0)) callback();
  }

  of<T extends FromWorker["type"]>(type: T): Kind<T>[] {
    return this.posted.filter((message): message is Kind<T> => message.type === type);
  }

  acknowledged(): number[] {
    return this.sent.flatMap((data) =>
      data instanceof ArrayBuffer ? [Number(new DataView(data).getBigUint64(8, true))] : [],
    );
  }

  wants(): Record<string, unknown>[] {
    return this.sent.flatMap((data) => (typeof data === "string" ? [JSON.parse(data) as Record<string, unknown>] : []));
  }

  shownValues(): (string | undefined)[] {
    return this.of("shown").map(({ values }) => {
      const scalar = values?.scalars.get("text");
      return scalar?.state === "value" ? String(scalar.value) : undefined;
    });
  }
}

/** An analysis worker in the same thread; what crosses the channel is copied or handed over as between threads. */
export class ComputingBench {
  readonly samples: Sample[] = [];
  /** the worker takes its time: it answers when it is told to */
  slow = false;
  /** what it says that a sample took; null: what it did take */
  tookMs: number | null = null;
  private readonly waiting: Message<ComputingOrders>[] = [];
  private readonly analyst: Analyst;
  readonly port: Port = {
    onmessage: null,
    postMessage: (message: Message<ComputingOrders>, transfer: unknown) => {
      const copy = structuredClone(message, { transfer: transfer as Transferable[] });
      if (copy.type === "sample") this.samples.push(copy.sample);
      this.waiting.push(copy);
      if (!this.slow) this.work();
    },
  };

  constructor(post: (message: FromWorker) => void) {
    this.analyst = new Analyst({
      picture: sendersOf<ComputingNews>({ free: true }, (message, transfer = []) => {
        const data = {
          ...structuredClone(message, { transfer }),
          ...(this.tookMs === null ? {} : { tookMs: this.tookMs }),
        };
        this.port.onmessage?.call(this.port as MessagePort, { data } as MessageEvent);
      }),
      page: sendersOf<ResultNews>({ analysis: true, error: true }, (message) => post(structuredClone(message))),
    });
  }

  /** Does what it was told and has not done. */
  work(): void {
    for (const order of this.waiting.splice(0)) this.analyst.receive(order);
  }
}

/** All that waits for promises that are kept has gone on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
