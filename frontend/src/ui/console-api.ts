/**
 * `window.viewer`, for the console and for tests:
 *
 *   await viewer.pixels()   pixels of the picture on screen, exactly as the source sent them:
 *                           { pulseId, sequence, dtype, shape, data } with bigint ids, shape [rows, columns] and a
 *                           typed array in the type of the camera (bool as Uint8Array); null when nothing is on screen
 *   viewer.shown            what is on screen: pulse, channel, format, levels, ages (contract.Shown), or null
 *   viewer.values           the values in the table, of one pulse (contract.PulseValues), or null
 *   viewer.status           the server's status (contract.Status), or null
 *   viewer.connection       state of the live connection (contract.Connection)
 *   viewer.hello            what the server said first (contract.Hello), or null
 */

import type { Connection, DType, FromWorker, Hello, PulseValues, Shown, Status, ToWorker } from "../contract";

export type PixelArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export interface Pixels {
  pulseId: bigint;
  sequence: bigint;
  dtype: DType;
  shape: number[];
  data: PixelArray;
}

export interface Latest {
  shown: Shown | null;
  values: PulseValues | null;
  status: Status | null;
  connection: Connection;
  hello: Hello | null;
}

export interface ViewerApi extends Readonly<Latest> {
  pixels(): Promise<Pixels | null>;
}

declare global {
  interface Window {
    viewer: ViewerApi;
  }
}

const ARRAYS: Record<DType, (buffer: ArrayBuffer) => PixelArray> = {
  bool: (buffer) => new Uint8Array(buffer),
  int8: (buffer) => new Int8Array(buffer),
  uint8: (buffer) => new Uint8Array(buffer),
  int16: (buffer) => new Int16Array(buffer),
  uint16: (buffer) => new Uint16Array(buffer),
  int32: (buffer) => new Int32Array(buffer),
  uint32: (buffer) => new Uint32Array(buffer),
  int64: (buffer) => new BigInt64Array(buffer),
  uint64: (buffer) => new BigUint64Array(buffer),
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => new Float64Array(buffer),
};

export class ConsoleApi {
  private readonly waiting = new Map<number, (pixels: Pixels | null) => void>();
  private readonly post: (message: ToWorker) => void;
  private next = 1;

  constructor(post: (message: ToWorker) => void, latest: () => Latest) {
    this.post = post;
    const api: ViewerApi = {
      pixels: () => this.pixels(),
      get shown() {
        return latest().shown;
      },
      get values() {
        return latest().values;
      },
      get status() {
        return latest().status;
      },
      get connection() {
        return latest().connection;
      },
      get hello() {
        return latest().hello;
      },
    };
    window.viewer = api;
  }

  answer(message: Extract<FromWorker, { type: "pixels" }>): void {
    const resolve = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (resolve === undefined) return;
    const { pulse, dtype, shape, data } = message;
    resolve(
      pulse === null || dtype === null || data === null
        ? null
        : { pulseId: pulse.pulseId, sequence: pulse.sequence, dtype, shape, data: ARRAYS[dtype](data) },
    );
  }

  private pixels(): Promise<Pixels | null> {
    const id = this.next;
    this.next += 1;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.post({ type: "pixels", id });
    });
  }
}
