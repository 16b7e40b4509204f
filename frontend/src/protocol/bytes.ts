/** What a message says about its own lengths is checked here before anything is read. */

/** A message that does not keep to docs/protocol.md; it is dropped and reported, nothing else happens. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** The next multiple of 8; exact for every safe integer. */
export function align8(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}

/** Little-endian reader over one message; every read outside of it throws a ProtocolError. */
export class Reader {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(buffer: ArrayBufferLike, offset = 0, length = buffer.byteLength - offset) {
    this.bytes = new Uint8Array(buffer, offset, length);
    this.view = new DataView(buffer, offset, length);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** Throws unless `count` bytes from `offset` lie within the message. */
  need(offset: number, count: number, what: string): void {
    const sensible = Number.isSafeInteger(offset) && Number.isSafeInteger(count) && offset >= 0 && count >= 0;
    if (!sensible || offset + count > this.length) {
      throw new ProtocolError(`${what}: ${count} bytes at ${offset} of ${this.length}`);
    }
  }

  /** The bytes themselves, not a copy. */
  slice(offset: number, count: number, what: string): Uint8Array {
    this.need(offset, count, what);
    return this.bytes.subarray(offset, offset + count);
  }

  /** A reader of its own for bytes that `slice` returned. */
  part(bytes: Uint8Array): Reader {
    return new Reader(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(offset: number, what: string): number {
    this.need(offset, 1, what);
    return this.view.getUint8(offset);
  }

  u32(offset: number, what: string): number {
    this.need(offset, 4, what);
    return this.view.getUint32(offset, true);
  }

  u64(offset: number, what: string): bigint {
    this.need(offset, 8, what);
    return this.view.getBigUint64(offset, true);
  }

  i64(offset: number, what: string): bigint {
    this.need(offset, 8, what);
    return this.view.getBigInt64(offset, true);
  }

  /** View for values whose place was checked with `need`. */
  get data(): DataView {
    return this.view;
  }
}
