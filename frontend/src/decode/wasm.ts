import base64 from "../../wasm/decoder.ts?asc";
import type { NumberArray, Scanner } from "../analysis/statistics";
import { DecodeError, type Decoder } from "./decoder";
import { checkHeader, HEADER_BYTES, PROBLEM } from "./payload";

/** What `wasm/decoder.ts` exports. */
interface Exports {
  memory: WebAssembly.Memory;
  SLACK: WebAssembly.Global;
  base(): number;
  decode(
    from: number,
    end: number,
    scratch: number,
    target: number,
    elements: number,
    itemBytes: number,
    block: number,
    swap: number,
  ): number;
  scan(kind: number, from: number, end: number, low: number, high: number): number;
  takePassed(): number;
}

/** Arrays by the number of their kind that `scan` wants. */
const KINDS: readonly { new (length: number): NumberArray; readonly name: string }[] = [
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
];

/** By the number that `decode` returns. */
const PROBLEMS = ["", PROBLEM.chainEnds, PROBLEM.blockBeyond, PROBLEM.blockDamaged, PROBLEM.restDiffers];

const PAGE_BYTES = 2 ** 16;
/** Addresses have 32 bits; the last page stays free, so that none that is computed can begin again at zero. */
const MAX_MEMORY = 2 ** 32 - PAGE_BYTES;
/** Payloads of one camera differ a little in length. */
const PAYLOAD_RESERVE = 1.25;

/** The module, compiled at once: it is small. Throws where WebAssembly or its SIMD is missing or not allowed. */
export function compileDecoder(): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}

/**
 * The decoder in WebAssembly. Each slot has a memory of its own, which never grows after somebody saw it: growing
 * would detach the pixels that are on screen or on their way there. A slot that becomes too small gets another memory,
 * and the old one lives as long as its pixels are in use.
 */
export class WasmDecoder implements Decoder {
  readonly name = "wasm";
  private readonly module: WebAssembly.Module;
  private readonly slots: Slot[] = [];

  /** Throws if there is no memory for WebAssembly. */
  constructor(module: WebAssembly.Module) {
    this.module = module;
    this.slots[0] = new Slot(module, 0, 0, 0);
  }

  decode(payload: Uint8Array, elements: number, itemBytes: number, swap: boolean, slot: number): Uint8Array {
    const block = checkHeader(payload, elements, itemBytes);
    const bytes = elements * itemBytes;
    const place = this.slot(slot, Math.min(block, elements) * itemBytes, bytes, payload.length);
    const problem = place.decode(payload, elements, itemBytes, block, swap);
    if (problem !== 0) throw new DecodeError(PROBLEMS[problem]);
    return place.decoded(bytes);
  }

  scannerOf(pixels: NumberArray): Scanner | null {
    const slot = this.slots.find((one) => one.owns(pixels));
    const kind = KINDS.findIndex((type) => pixels instanceof type);
    return slot === undefined || kind < 0 ? null : slot.scanner(pixels, kind);
  }

  private slot(index: number, scratch: number, target: number, payload: number): Slot {
    const old = this.slots[index];
    if (old?.holds(scratch, target, payload)) return old;
    try {
      return (this.slots[index] = new Slot(
        this.module,
        Math.max(scratch, old?.scratchBytes ?? 0),
        Math.max(target, old?.targetBytes ?? 0),
        Math.max(Math.ceil(payload * PAYLOAD_RESERVE), old?.payloadBytes ?? 0),
      ));
    } catch (error) {
      throw new DecodeError(`no memory for ${target} bytes: ${String(error)}`);
    }
  }
}

/** One memory, laid out as `wasm/decoder.ts` wants it. */
class Slot {
  readonly scratchBytes: number;
  readonly targetBytes: number;
  readonly payloadBytes: number;
  private readonly run: Exports["decode"];
  private readonly exports: Exports;
  private readonly memory: Uint8Array;
  private readonly scratch: number;
  private readonly target: number;
  private readonly payload: number;
  private last: Uint8Array;

  /** Throws a RangeError if there is not so much memory. */
  constructor(module: WebAssembly.Module, scratchBytes: number, targetBytes: number, payloadBytes: number) {
    const exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const slack = exports.SLACK.value as number;
    this.run = exports.decode;
    this.exports = exports;
    this.scratch = exports.base();
    this.target = aligned(this.scratch + scratchBytes + slack);
    this.payload = aligned(this.target + targetBytes + slack);
    const end = Math.ceil((this.payload + payloadBytes + slack) / PAGE_BYTES) * PAGE_BYTES;
    if (end > MAX_MEMORY) throw new RangeError(`${end} bytes`);
    exports.memory.grow(Math.max(0, end - exports.memory.buffer.byteLength) / PAGE_BYTES);
    this.memory = new Uint8Array(exports.memory.buffer);
    this.scratchBytes = scratchBytes;
    this.targetBytes = targetBytes;
    this.payloadBytes = this.memory.length - slack - this.payload;
    this.last = this.memory.subarray(this.target, this.target);
  }

  holds(scratch: number, target: number, payload: number): boolean {
    return scratch <= this.scratchBytes && target <= this.targetBytes && payload <= this.payloadBytes;
  }

  owns({ buffer }: NumberArray): boolean {
    return buffer === this.memory.buffer;
  }

  scanner({ byteOffset, byteLength, BYTES_PER_ELEMENT: bytes }: NumberArray, kind: number): Scanner {
    const { exports } = this;
    const end = byteOffset + byteLength;
    exports.takePassed();
    return {
      step: 64 / bytes,
      next: (at, low, high) => (exports.scan(kind, byteOffset + at * bytes, end, low, high) - byteOffset) / bytes,
      passed: () => exports.takePassed(),
    };
  }

  decode(payload: Uint8Array, elements: number, itemBytes: number, block: number, swap: boolean): number {
    this.memory.set(payload, this.payload);
    const [from, end] = [this.payload + HEADER_BYTES, this.payload + payload.length];
    return this.run(from, end, this.scratch, this.target, elements, itemBytes, block, swap ? 1 : 0);
  }

  /** The same view again if the frames have the same size. */
  decoded(bytes: number): Uint8Array {
    if (this.last.length !== bytes) this.last = this.memory.subarray(this.target, this.target + bytes);
    return this.last;
  }
}

function aligned(address: number): number {
  return Math.ceil(address / 16) * 16;
}
