import type { NumberArray, Scanner } from "../analysis/statistics";

/** A payload that cannot be decoded: it is damaged, or says of itself what is not true. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/**
 * Decodes bitshuffle + LZ4. Memory is divided into slots that grow and are used again, so that a frame which is on
 * screen stays whole while the next one is decoded into another slot; a decoder in WebAssembly keeps its slots in
 * its own memory.
 */
export interface Decoder {
  readonly name: "wasm" | "typescript";

  /**
   * Decodes a whole payload (docs/protocol.md, `bslz4`) of `elements` elements of `itemBytes` (1, 2, 4 or 8) bytes.
   *
   * @param swap reverse the bytes of each element: the payload is big endian
   * @returns the decoded bytes, aligned to 8 bytes, valid until the same slot is used again
   * @throws DecodeError if the payload is not sound or holds another number of bytes
   */
  decode(payload: Uint8Array, elements: number, itemBytes: number, swap: boolean, slot: number): Uint8Array;

  /** Something that looks through pixels that were decoded here; null for others, and where nothing is faster. */
  scannerOf(pixels: NumberArray): Scanner | null;
}
