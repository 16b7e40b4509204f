/** What the page says to the server. */

import type { ColourChoice, ImageFormat, Region } from "../contract";

/** The keys of `want` as docs/protocol.md names them. */
export interface Want {
  image: string | null;
  slice: number;
  colour: ColourChoice;
  format: ImageFormat;
  /** images a second at most; null: as many as the server allows */
  rate: number | null;
  every: boolean | string[];
  hidden: boolean;
  paused: boolean;
  saturation: number | null;
  picture: [width: number, height: number] | null;
  crop: Region | null;
  levels: [low: number, high: number] | null;
  hover: [x: number, y: number] | null;
  /** large images may come in pieces */
  pieces: boolean;
}

const ACK_BYTES = 16;
const ACK_KIND = 1;
const MAX_U32 = 0xffffffff;

/** What is not named stays as it was. */
export function encodeWant({ rate, ...rest }: Partial<Want>): string {
  return JSON.stringify({ kind: "want", ...rest, ...(rate === undefined || rate === null ? {} : { rate }) });
}

/** Acknowledges one frame; `micros` from its arrival to its being drawn or discarded. */
export function encodeAck(sequence: bigint, micros: number): ArrayBuffer {
  const buffer = new ArrayBuffer(ACK_BYTES);
  const view = new DataView(buffer);
  view.setUint8(0, ACK_KIND);
  view.setUint32(4, Math.min(Math.max(Math.round(micros), 0), MAX_U32), true);
  view.setBigUint64(8, sequence, true);
  return buffer;
}
