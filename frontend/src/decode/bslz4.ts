import { DecodeError, type Decoder } from "./decoder";
import { unpackLz4 } from "./lz4";
import { bigEndian32, checkHeader, HEADER_BYTES, PROBLEM } from "./payload";
import { type Elements, unshuffle, type Shuffled } from "./unshuffle";

const LENGTH_BYTES = 4;

/** The decoder in plain TypeScript, for browsers without WebAssembly SIMD, and what the other one is compared with. */
export class Bslz4Decoder implements Decoder {
  readonly name = "typescript";
  private readonly slots: Elements[] = [];
  private scratch: Shuffled = shuffled(0);

  decode(payload: Uint8Array, elements: number, itemBytes: number, swap: boolean, slot: number): Uint8Array {
    const block = checkHeader(payload, elements, itemBytes);
    const bytes = elements * itemBytes;
    const target = this.slot(slot, bytes);
    const source = this.scratchFor(Math.min(block, elements) * itemBytes);
    let from = HEADER_BYTES;
    const whole = elements - (elements % 8);
    for (let first = 0; first < whole; ) {
      const count = Math.min(block, whole - first);
      if (payload.length - from < LENGTH_BYTES) throw new DecodeError(PROBLEM.chainEnds);
      const packed = bigEndian32(payload, from);
      from += LENGTH_BYTES;
      if (packed > payload.length - from) throw new DecodeError(PROBLEM.blockBeyond);
      if (!unpackLz4(payload, from, from + packed, source.bytes, count * itemBytes)) {
        throw new DecodeError(PROBLEM.blockDamaged);
      }
      unshuffle(source, target, first, count, itemBytes, swap);
      from += packed;
      first += count;
    }
    const tail = bytes - whole * itemBytes;
    if (payload.length - from !== tail) throw new DecodeError(PROBLEM.restDiffers);
    for (let at = 0; at < tail; at++) {
      const place = swap ? at - (at % itemBytes) + (itemBytes - 1 - (at % itemBytes)) : at;
      target.bytes[whole * itemBytes + place] = payload[from + at]!;
    }
    return target.bytes.subarray(0, bytes);
  }

  scannerOf(): null {
    return null;
  }

  private slot(index: number, bytes: number): Elements {
    const present = this.slots[index];
    if (present !== undefined && present.bytes.length >= bytes) return present;
    const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
    return (this.slots[index] = {
      bytes: new Uint8Array(buffer),
      halves: new Uint16Array(buffer),
      words: new Int32Array(buffer),
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
