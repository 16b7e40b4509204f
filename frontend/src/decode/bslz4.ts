import { DecodeError, type Decoder } from "./decoder";
import { unpackLz4 } from "./lz4";
import { type Elements, unshuffle, type Shuffled } from "./unshuffle";

const HEADER_BYTES = 12;
const LENGTH_BYTES = 4;
/** Largest image that is taken on: 1 GiB decoded. */
const MAX_BYTES = 2 ** 30;
/** A block is unpacked as a whole before its bits are put back; what the library writes has 8 KiB. */
const MAX_BLOCK_BYTES = 2 ** 24;
/** LZ4 cannot do better: one byte for each 255. */
const LZ4_MAX_RATIO = 255;

/** Elements in a block where the payload leaves it to the library. */
export function defaultBlock(itemBytes: number): number {
  return Math.max(128, Math.floor(8192 / itemBytes / 8) * 8);
}

/** The decoder in plain TypeScript: needs nothing, and is what others are compared with. */
export class Bslz4Decoder implements Decoder {
  private readonly slots: Elements[] = [];
  private scratch: Shuffled = shuffled(0);

  decode(payload: Uint8Array, elements: number, itemBytes: number, swap: boolean, slot: number): Uint8Array {
    if (![1, 2, 4, 8].includes(itemBytes)) throw new DecodeError(`elements of ${itemBytes} bytes`);
    const bytes = elements * itemBytes;
    if (!(Number.isSafeInteger(elements) && elements >= 0 && bytes <= MAX_BYTES)) {
      throw new DecodeError(`${elements} elements`);
    }
    if (payload.length < HEADER_BYTES) throw new DecodeError("the header is not complete");
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    if (view.getBigUint64(0) !== BigInt(bytes)) {
      throw new DecodeError(`${view.getBigUint64(0)} bytes said, ${bytes} expected`);
    }
    const said = view.getUint32(8);
    const block = said === 0 ? defaultBlock(itemBytes) : said / itemBytes;
    if (block % 8 !== 0 || block * itemBytes > MAX_BLOCK_BYTES) throw new DecodeError(`blocks of ${said} bytes`);
    if (bytes > payload.length * LZ4_MAX_RATIO) {
      throw new DecodeError(`${bytes} bytes cannot come out of ${payload.length}`);
    }

    const target = this.slot(slot, bytes);
    const source = this.scratchFor(Math.min(block, elements) * itemBytes);
    let from = HEADER_BYTES;
    const whole = elements - (elements % 8);
    for (let first = 0; first < whole; ) {
      const count = Math.min(block, whole - first);
      if (payload.length - from < LENGTH_BYTES) throw new DecodeError("the chain of blocks ends early");
      const packed = view.getUint32(from);
      from += LENGTH_BYTES;
      if (packed > payload.length - from) throw new DecodeError("a block goes beyond the payload");
      if (!unpackLz4(payload, from, from + packed, source.bytes, count * itemBytes)) {
        throw new DecodeError("a block is damaged");
      }
      unshuffle(source, target, first, count, itemBytes, swap);
      from += packed;
      first += count;
    }
    const tail = bytes - whole * itemBytes;
    if (payload.length - from !== tail) {
      throw new DecodeError(`${payload.length - from} bytes after the blocks, ${tail} expected`);
    }
    for (let at = 0; at < tail; at++) {
      const place = swap ? at - (at % itemBytes) + (itemBytes - 1 - (at % itemBytes)) : at;
      target.bytes[whole * itemBytes + place] = payload[from + at]!;
    }
    return target.bytes.subarray(0, bytes);
  }

  private slot(index: number, bytes: number): Elements {
    const present = this.slots[index];
    if (present !== undefined && present.bytes.length >= bytes) return present;
    const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
    return (this.slots[index] = {
      bytes: new Uint8Array(buffer), halves: new Uint16Array(buffer), words: new Int32Array(buffer),
    });
  }

  private scratchFor(bytes: number): Shuffled {
    if (this.scratch.bytes.length < bytes) this.scratch = shuffled(bytes);
    return this.scratch;
  }
}

function shuffled(bytes: number): Shuffled {
  const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer) };
}
