/** Makes messages as the server would, written from docs/protocol.md; for tests only. */

import type { DType } from "../contract";
import { ITEM_BYTES, TABLE_TYPES } from "./dtypes";

export interface TestColumn {
  channel: number;
  dtype: DType | "string" | "nothing";
  states?: number[];
  values: (number | bigint | string | boolean)[];
}

export interface TestRow {
  sequence: bigint;
  pulseId: bigint;
  sourceTime: bigint;
}

export interface TestBlock {
  keys: Record<string, unknown>;
  payload: Uint8Array;
}

/** Grows as it is written to; little endian. */
class Writer {
  private parts: number[] = [];

  get length(): number {
    return this.parts.length;
  }

  bytes(bytes: Iterable<number>): this {
    for (const byte of bytes) this.parts.push(byte);
    return this;
  }

  put(bytes: number, write: (view: DataView) => void): this {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    return this.bytes(new Uint8Array(view.buffer));
  }

  u8(value: number): this {
    return this.bytes([value]);
  }

  u16(value: number): this {
    return this.put(2, (view) => view.setUint16(0, value, true));
  }

  u32(value: number): this {
    return this.put(4, (view) => view.setUint32(0, value, true));
  }

  u64(value: bigint): this {
    return this.put(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, value), true));
  }

  pad(): this {
    return this.bytes(new Array<number>((8 - (this.length % 8)) % 8).fill(0));
  }

  done(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}

export function encodeTable(rows: TestRow[], columns: TestColumn[]): Uint8Array {
  const writer = new Writer().u32(rows.length).u32(columns.length);
  for (const row of rows) writer.u64(row.sequence);
  for (const row of rows) writer.u64(row.pulseId);
  for (const row of rows) writer.u64(row.sourceTime);
  for (const { channel, dtype, states, values } of columns) {
    writer
      .pad()
      .u32(channel)
      .u8(TABLE_TYPES.indexOf(dtype))
      .u8(states === undefined ? 0 : 1)
      .u16(0);
    if (states !== undefined) writer.bytes(states).pad();
    if (dtype === "string") {
      const texts = values.map((value) => new TextEncoder().encode(String(value)));
      let offset = 0;
      writer.u32(0);
      for (const text of texts) writer.u32((offset += text.length));
      for (const text of texts) writer.bytes(text);
    } else if (dtype !== "nothing") {
      for (const value of values) element(writer, dtype, value);
    }
    writer.pad();
  }
  return writer.done();
}

function element(writer: Writer, dtype: DType, value: number | bigint | string | boolean): void {
  if (dtype === "int64" || dtype === "uint64") writer.u64(BigInt(value));
  else if (dtype === "float64") writer.put(8, (view) => view.setFloat64(0, Number(value), true));
  else if (dtype === "float32") writer.put(4, (view) => view.setFloat32(0, Number(value), true));
  else if (ITEM_BYTES[dtype] === 4) writer.u32(Number(value));
  else if (ITEM_BYTES[dtype] === 2) writer.u16(Number(value));
  else writer.u8(Number(value) & 255);
}

function envelope(kind: number, micros: number, count: number, body: Uint8Array): ArrayBuffer {
  const writer = new Writer()
    .u32(16 + body.length)
    .u8(kind)
    .u8(0)
    .u16(0)
    .u32(micros)
    .u32(count)
    .bytes(body);
  return writer.done().buffer as ArrayBuffer;
}

export function encodeScalars(epoch: number, table: Uint8Array, micros = 0, lost = 0): ArrayBuffer {
  return envelope(2, micros, lost, new Writer().u32(epoch).u32(0).bytes(table).done());
}

export interface TestFrame {
  epoch?: number;
  sequence?: bigint;
  pulseId?: bigint;
  sourceTime?: bigint;
  blocks: TestBlock[];
  /** other keys of the head */
  head?: Record<string, unknown>;
  micros?: number;
  notSent?: number;
}

/** One piece of a message of `total` bytes. */
export function encodePiece(total: number, offset: number, bytes: Uint8Array, givenUp = false): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + bytes.length);
  const view = new DataView(buffer);
  view.setUint32(0, buffer.byteLength, true);
  view.setUint8(4, 3);
  view.setUint8(5, givenUp ? 1 : 0);
  view.setUint32(8, total, true);
  view.setUint32(12, offset, true);
  new Uint8Array(buffer).set(bytes, 16);
  return buffer;
}

export function encodeFrame({
  epoch = 1,
  sequence = 1n,
  pulseId = 100n,
  sourceTime = 5n,
  blocks,
  head = {},
  micros = 0,
  notSent = 0,
}: TestFrame): ArrayBuffer {
  const room = 1024 * (blocks.length + 1);
  let offset = 56 + room;
  const entries = blocks.map(({ keys, payload }) => {
    const entry = { offset, bytes: payload.length, ...keys };
    offset += Math.ceil(payload.length / 8) * 8;
    return entry;
  });
  const text = new TextEncoder().encode(JSON.stringify({ blocks: entries, ...head }).padEnd(room));
  const writer = new Writer()
    .u32(epoch)
    .u32(text.length)
    .u64(sequence)
    .u64(pulseId)
    .u64(sourceTime)
    .u64(9n)
    .bytes(text);
  for (const { payload } of blocks) writer.bytes(payload).pad();
  return envelope(1, micros, notSent, writer.done());
}

/** An uncompressed image of one value after the other. */
export function imageBlock(
  data: ArrayBufferView,
  dtype: DType,
  shape: number[],
  keys: Record<string, unknown> = {},
): TestBlock {
  return {
    keys: { role: "image", channel: 7, format: "raw", dtype, order: "little", shape, exact: true, ...keys },
    payload: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
  };
}
