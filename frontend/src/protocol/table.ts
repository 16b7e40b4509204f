import type { DType, Scalar } from "../contract";
import { align8, ProtocolError, type Reader } from "./bytes";
import { ITEM_BYTES, TABLE_TYPES } from "./dtypes";

/** -2^63 stands for "the message has no source time". */
export const NO_TIME = -(2n ** 63n);

const COLUMN_HEAD_BYTES = 8;
const ABSENT = 0;
const VALUE = 1;
const NULL = 2;
const INVALID = 3;
const HAS_STATES = 1;

const text = new TextDecoder();

/** The columnar table of scalars. Values are read from the message when they are asked for: most rows never are. */
export interface Table {
  rows: number;
  sequence(row: number): bigint;
  pulseId(row: number): bigint;
  sourceTime(row: number): bigint | null;
  columns: Column[];
}

export class Column {
  readonly channel: number;
  readonly dtype: DType | "string" | "nothing";
  private readonly reader: Reader;
  private readonly rows: number;
  /** offset of the state of the first row, or -1 */
  private readonly states: number;
  private readonly values: number;

  constructor(
    channel: number,
    dtype: DType | "string" | "nothing",
    reader: Reader,
    rows: number,
    states: number,
    values: number,
  ) {
    this.channel = channel;
    this.dtype = dtype;
    this.reader = reader;
    this.rows = rows;
    this.states = states;
    this.values = values;
  }

  /** The value of this channel in a row; undefined if the message of that row did not list the channel. */
  at(row: number): Scalar | undefined {
    if (!(row >= 0 && row < this.rows)) throw new ProtocolError(`row ${row} of ${this.rows}`);
    if (this.states >= 0) {
      const state = this.reader.bytes[this.states + row];
      if (state === ABSENT) return undefined;
      if (state === NULL) return { state: "null" };
      if (state === INVALID) return { state: "invalid", reason: "" };
    }
    if (this.dtype === "nothing") return undefined;
    return { state: "value", dtype: this.dtype, value: this.value(row, this.dtype) };
  }

  /** The last row with a value, where not every row has one; -1 otherwise. */
  lastOfFew(): number {
    if (this.states < 0 || this.dtype === "nothing") return -1;
    let row = this.rows - 1;
    while (row >= 0 && this.reader.bytes[this.states + row] !== VALUE) row -= 1;
    return row;
  }

  private value(row: number, dtype: DType | "string"): number | bigint | string | boolean {
    const data = this.reader.data;
    switch (dtype) {
      case "bool":
        return data.getUint8(this.values + row) !== 0;
      case "int8":
        return data.getInt8(this.values + row);
      case "uint8":
        return data.getUint8(this.values + row);
      case "int16":
        return data.getInt16(this.values + 2 * row, true);
      case "uint16":
        return data.getUint16(this.values + 2 * row, true);
      case "int32":
        return data.getInt32(this.values + 4 * row, true);
      case "uint32":
        return data.getUint32(this.values + 4 * row, true);
      case "int64":
        return data.getBigInt64(this.values + 8 * row, true);
      case "uint64":
        return data.getBigUint64(this.values + 8 * row, true);
      case "float32":
        return data.getFloat32(this.values + 4 * row, true);
      case "float64":
        return data.getFloat64(this.values + 8 * row, true);
      case "string": {
        const start = this.values + 4 * (this.rows + 1);
        const from = data.getUint32(this.values + 4 * row, true);
        const to = data.getUint32(this.values + 4 * row + 4, true);
        return text.decode(this.reader.bytes.subarray(start + from, start + to));
      }
    }
  }
}

/** Checks the whole table and returns it; `reader` begins at the table. */
export function decodeTable(reader: Reader): Table {
  const rows = reader.u32(0, "rows");
  const count = reader.u32(4, "columns");
  const [sequence, pulse, time] = [8, 8 + 8 * rows, 8 + 16 * rows];
  reader.need(8, 24 * rows, "rows of the table");
  reader.need(8 + 24 * rows, COLUMN_HEAD_BYTES * count, "columns of the table");
  const columns: Column[] = [];
  let at = 8 + 24 * rows;
  for (let index = 0; index < count; index++) {
    at = align8(at);
    const channel = reader.u32(at, "channel of a column");
    const code = reader.u8(at + 4, "type of a column");
    const flags = reader.u8(at + 5, "flags of a column");
    const dtype = TABLE_TYPES[code];
    // A type that is not known has no known length: what follows cannot be read.
    if (dtype === undefined) throw new ProtocolError(`data type ${code} in the scalars table`);
    at += COLUMN_HEAD_BYTES;
    let states = -1;
    if (flags & HAS_STATES) {
      states = at;
      reader.need(states, rows, "states of a column");
      at = align8(at + rows);
    }
    columns.push(new Column(channel, dtype, reader, rows, states, at));
    if (dtype === "string") at += stringBytes(reader, at, rows);
    else if (dtype !== "nothing") {
      reader.need(at, rows * ITEM_BYTES[dtype], "values of a column");
      at += rows * ITEM_BYTES[dtype];
    }
  }
  return {
    rows,
    columns,
    sequence: (row) => reader.u64(sequence + 8 * row, "sequence"),
    pulseId: (row) => reader.u64(pulse + 8 * row, "pulse id"),
    sourceTime: (row) => {
      const value = reader.i64(time + 8 * row, "source time");
      return value === NO_TIME ? null : value;
    },
  };
}

function stringBytes(reader: Reader, at: number, rows: number): number {
  const offsets = 4 * (rows + 1);
  reader.need(at, offsets, "offsets of strings");
  let last = reader.u32(at, "offset of a string");
  for (let row = 1; row <= rows; row++) {
    const next = reader.u32(at + 4 * row, "offset of a string");
    if (next < last) throw new ProtocolError("offsets of strings go backwards");
    last = next;
  }
  reader.need(at + offsets, last, "strings");
  return offsets + last;
}
