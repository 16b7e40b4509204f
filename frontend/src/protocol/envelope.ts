import { ProtocolError, Reader } from "./bytes";
import { decodeFrame, type Frame } from "./frame";
import type { Piece } from "./pieces";
import { decodeTable, type Table } from "./table";

/** Scalars of many pulses. `lost` are rows that were lost to this viewer since the last message. */
export interface ScalarsMessage {
  kind: "scalars";
  serverMicros: number;
  lost: number;
  epoch: number;
  table: Table;
}

export interface FrameMessage {
  kind: "frame";
  serverMicros: number;
  /** images kept back from this viewer since the last one sent */
  notSent: number;
  frame: Frame;
}

const ENVELOPE_BYTES = 16;
const KIND_FRAME = 1;
const KIND_SCALARS = 2;
const KIND_PIECE = 3;
const GIVEN_UP = 1;

/** Decodes a binary message; null for a kind that this page does not know. The result refers to `buffer`. */
export function decodeBinary(buffer: ArrayBuffer): FrameMessage | ScalarsMessage | Piece | null {
  const message = new Reader(buffer);
  message.need(0, ENVELOPE_BYTES, "envelope");
  const length = message.u32(0, "length");
  if (length !== message.length) {
    throw new ProtocolError(`a message of ${message.length} bytes says that it has ${length}`);
  }
  const kind = message.u8(4, "kind");
  const serverMicros = message.u32(8, "server time");
  const count = message.u32(12, "count");
  if (kind === KIND_FRAME) return { kind: "frame", serverMicros, notSent: count, frame: decodeFrame(message) };
  if (kind === KIND_SCALARS) {
    const epoch = message.u32(16, "epoch");
    message.need(24, 0, "table");
    return { kind: "scalars", serverMicros, lost: count, epoch, table: decodeTable(new Reader(buffer, 24)) };
  }
  if (kind === KIND_PIECE) {
    // The same eight bytes hold other numbers here.
    const givenUp = (message.u8(5, "flags") & GIVEN_UP) !== 0;
    const bytes = new Uint8Array(buffer, ENVELOPE_BYTES);
    return { kind: "piece", total: serverMicros, offset: count, bytes, givenUp };
  }
  return null;
}
