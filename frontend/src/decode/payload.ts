import { DecodeError } from "./decoder";

export const HEADER_BYTES = 12;
/** Largest image that is taken on: 1 GiB decoded. */
const MAX_BYTES = 2 ** 30;
/** A block is unpacked as a whole before its bits are put back; what the library writes has 8 KiB. */
const MAX_BLOCK_BYTES = 2 ** 24;
/** LZ4 cannot do better: one byte for each 255. */
const LZ4_MAX_RATIO = 255;

/** What can be wrong behind the header. */
export const PROBLEM = {
  chainEnds: "the chain of blocks ends early",
  blockBeyond: "a block goes beyond the payload",
  blockDamaged: "a block is damaged",
  restDiffers: "the bytes after the blocks are not those of the last elements",
} as const;

/**
 * Checks what both decoders are asked for and the header, before any memory is taken for it.
 *
 * @returns the elements of a block, a multiple of 8
 * @throws DecodeError
 */
export function checkHeader(payload: Uint8Array, elements: number, itemBytes: number): number {
  if (itemBytes !== 1 && itemBytes !== 2 && itemBytes !== 4 && itemBytes !== 8) {
    throw new DecodeError(`elements of ${itemBytes} bytes`);
  }
  const bytes = elements * itemBytes;
  if (!(Number.isSafeInteger(elements) && elements >= 0 && bytes <= MAX_BYTES)) {
    throw new DecodeError(`${elements} elements`);
  }
  if (payload.length < HEADER_BYTES) throw new DecodeError("the header is not complete");
  // Rounded beyond 2^53, which is far from what is expected.
  const said = bigEndian32(payload, 0) * 2 ** 32 + bigEndian32(payload, 4);
  if (said !== bytes) throw new DecodeError(`${said} bytes said, ${bytes} expected`);
  const saidBlock = bigEndian32(payload, 8);
  const block = saidBlock === 0 ? defaultBlock(itemBytes) : saidBlock / itemBytes;
  if (block % 8 !== 0 || block * itemBytes > MAX_BLOCK_BYTES) throw new DecodeError(`blocks of ${saidBlock} bytes`);
  if (bytes > payload.length * LZ4_MAX_RATIO) {
    throw new DecodeError(`${bytes} bytes cannot come out of ${payload.length}`);
  }
  return block;
}

export function bigEndian32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** Elements in a block where the payload leaves it to the library. */
function defaultBlock(itemBytes: number): number {
  return Math.max(128, Math.floor(8192 / itemBytes / 8) * 8);
}
