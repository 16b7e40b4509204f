/**
 * `window.viewer`, for the console and for tests:
 *
 *   await viewer.pixels()   pixels of the picture on screen, exactly as the source sent them:
 *                           { pulseId, sequence, dtype, shape, data } with bigint ids, shape [rows, columns] and a
 *                           typed array in the type of the camera (bool as Uint8Array); `crop` [x, y, width, height] if it
 *                           is a part of the image, else null; null when nothing is on screen; rejected with a
 *                           sentence when what is on screen is not exact
 *   await viewer.profiles() what the server computed of the whole image on screen and sent with its preview: sums along
 *                           both axes and a histogram (contract.Profiles) with pulseId and sequence; null without
 *   viewer.shown            what is on screen: pulse, channel, format, levels, ages (contract.Shown), or null
 *   viewer.analysis         what was computed of it or of one of the last pictures, with its pulse (contract.Analysis), or
 *                           null while nothing is wanted
 *   viewer.processing       what is done with the pixels before they are drawn (contract.ProcessingState), or null
 *   viewer.values           the values in the table, of one pulse (contract.PulseValues), or null
 *   viewer.status           the server's status (contract.Status), or null
 *   viewer.connection       state of the live connection (contract.Connection)
 *   viewer.hello            what the server said first (contract.Hello), or null
 */

import type {
  Analysis,
  Connection,
  DType,
  FromWorker,
  Hello,
  Orders,
  ProcessingState,
  Profiles,
  PulseValues,
  Region,
  Shown,
  Status,
} from "../contract";
import type { Senders } from "../contract/kinds";

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
  crop: Region | null;
  data: PixelArray;
}

export interface ImageProfiles extends Profiles {
  pulseId: bigint;
  sequence: bigint;
}

export interface Latest {
  shown: Shown | null;
  analysis: Analysis | null;
  processing: ProcessingState | null;
  values: PulseValues | null;
  status: Status | null;
  connection: Connection;
  hello: Hello | null;
}

export interface ViewerApi extends Readonly<Latest> {
  pixels(): Promise<Pixels | null>;
  profiles(): Promise<ImageProfiles | null>;
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

type Answer = Extract<FromWorker, { type: "pixels" | "profiles" }>;

export class ConsoleApi {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly worker: Senders<Orders>;
  private next = 1;

  constructor(worker: Senders<Orders>, latest: () => Latest) {
    this.worker = worker;
    const api: ViewerApi = {
      pixels: () => this.pixels(),
      profiles: () => this.profiles(),
      get shown() {
        return latest().shown;
      },
      get analysis() {
        return latest().analysis;
      },
      get processing() {
        return latest().processing;
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

  answer(message: Answer): void {
    this.waiting.get(message.id)?.(message);
    this.waiting.delete(message.id);
  }

  /** As `viewer.pixels()`. */
  async pixels(): Promise<Pixels | null> {
    const answer = await this.ask("pixels");
    if (answer.type !== "pixels") return null;
    const { pulse, dtype, shape, crop, data, reason } = answer;
    if (reason !== null) throw new Error(reason);
    return pulse === null || dtype === null || data === null
      ? null
      : { pulseId: pulse.pulseId, sequence: pulse.sequence, dtype, shape, crop, data: ARRAYS[dtype](data) };
  }

  /** As `viewer.profiles()`. */
  async profiles(): Promise<ImageProfiles | null> {
    const answer = await this.ask("profiles");
    if (answer.type !== "profiles" || answer.pulse === null || answer.profiles === null) return null;
    return { pulseId: answer.pulse.pulseId, sequence: answer.pulse.sequence, ...answer.profiles };
  }

  private ask(type: Answer["type"]): Promise<Answer> {
    const id = this.next;
    this.next += 1;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.worker[type]({ id });
    });
  }
}
