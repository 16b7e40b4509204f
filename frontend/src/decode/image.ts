import type { ArrayValue, DType } from "../contract";
import { ITEM_BYTES } from "../protocol/dtypes";
import type { Block } from "../protocol/frame";
import { DecodeError, type Decoder } from "./decoder";

export type PixelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** Decoded values in the byte order of this machine. Valid until the slot that they were decoded into is used again. */
export interface Values {
  dtype: DType;
  shape: number[];
  data: PixelArray;
}

/** A picture; the values of a pixel of a colour image lie side by side, whatever the source's order. */
export interface Image extends Values {
  rows: number;
  columns: number;
  /** values in each pixel: 1, or 3 or 4 for colour */
  channels: 1 | 3 | 4;
}

const LITTLE_ENDIAN_MACHINE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Decodes any block into a typed array. A raw payload is not copied where its place in the message allows that. */
export function decodeValues(block: Block, decoder: Decoder, slot: number): Values {
  const itemBytes = ITEM_BYTES[block.dtype];
  const elements = block.shape.reduce((product, length) => product * length, 1);
  if (!Number.isSafeInteger(elements * itemBytes)) throw new DecodeError(`shape ${block.shape.join(" x ")}`);
  const swap = itemBytes > 1 && (block.order === "little") !== LITTLE_ENDIAN_MACHINE;
  let bytes: Uint8Array;
  if (block.format === "bslz4") {
    bytes = decoder.decode(block.payload, elements, itemBytes, swap, slot);
  } else if (block.format === "raw") {
    if (block.payload.length !== elements * itemBytes) {
      throw new DecodeError(`${block.payload.length} bytes for ${block.shape.join(" x ")} of ${block.dtype}`);
    }
    bytes = !swap && block.payload.byteOffset % itemBytes === 0 ? block.payload : block.payload.slice();
    if (swap) reverseEach(bytes, itemBytes);
  } else {
    throw new DecodeError(`image format "${block.format}"`);
  }
  if (block.dtype === "bool") bytes = asTruth(bytes);
  return { dtype: block.dtype, shape: block.shape, data: typed(bytes, block.dtype) };
}

/** Decodes an image block of two dimensions, or three for colour. */
export function decodeImage(block: Block, decoder: Decoder, slot: number): Image {
  if (block.shape.includes(0)) throw new DecodeError(`an image without pixels, ${block.shape.join(" x ")}`);
  if (block.colour === null) {
    const [rows, columns] = block.shape;
    if (block.shape.length !== 2 || rows === undefined || columns === undefined) {
      throw new DecodeError(`an image of ${block.shape.length} dimensions`);
    }
    return { ...decodeValues(block, decoder, slot), rows, columns, channels: 1 };
  }
  const planar = block.colour === "planar";
  const shape = planar ? [block.shape[1], block.shape[2], block.shape[0]] : block.shape;
  const [rows, columns, channels] = shape;
  if (block.shape.length !== 3 || rows === undefined || columns === undefined || (channels !== 3 && channels !== 4)) {
    throw new DecodeError(`a colour image of shape ${block.shape.join(" x ")}`);
  }
  const values = decodeValues(block, decoder, slot);
  const data = planar ? interleave(values.data, rows * columns, channels) : values.data;
  return { dtype: block.dtype, shape: [rows, columns, channels], data, rows, columns, channels };
}

/** The values of an array as doubles, for drawing curves; a copy. Where doubles do not hold them, a copy of themselves too. */
export function toArrayValue(values: Values): ArrayValue {
  const numbers = Float64Array.from(values.data as ArrayLike<number | bigint>, Number);
  const array = { dtype: values.dtype, shape: [...values.shape], values: numbers };
  const { data } = values;
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  const rounded = wide && numbers.some((value) => Math.abs(value) > Number.MAX_SAFE_INTEGER);
  return rounded ? { ...array, exact: data.slice() } : array;
}

/** Looks at whole elements in the byte order of this machine. */
export function typed(bytes: Uint8Array, dtype: DType): PixelArray {
  const { buffer, byteOffset } = bytes;
  const length = bytes.length / ITEM_BYTES[dtype];
  switch (dtype) {
    case "bool":
    case "uint8":
      return new Uint8Array(buffer, byteOffset, length);
    case "int8":
      return new Int8Array(buffer, byteOffset, length);
    case "uint16":
      return new Uint16Array(buffer, byteOffset, length);
    case "int16":
      return new Int16Array(buffer, byteOffset, length);
    case "uint32":
      return new Uint32Array(buffer, byteOffset, length);
    case "int32":
      return new Int32Array(buffer, byteOffset, length);
    case "uint64":
      return new BigUint64Array(buffer, byteOffset, length);
    case "int64":
      return new BigInt64Array(buffer, byteOffset, length);
    case "float32":
      return new Float32Array(buffer, byteOffset, length);
    case "float64":
      return new Float64Array(buffer, byteOffset, length);
  }
}

/** Reverses the bytes of each element in place. */
function reverseEach(bytes: Uint8Array, itemBytes: number): void {
  if (itemBytes === 2) {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    for (let at = 0; at < halves.length; at++) halves[at] = (halves[at]! << 8) | (halves[at]! >>> 8);
    return;
  }
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    words[at] = ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  }
  if (itemBytes === 8) {
    for (let at = 0; at < words.length; at += 2) {
      const word = words[at]!;
      words[at] = words[at + 1]!;
      words[at + 1] = word;
    }
  }
}

/** Senders write any byte but 0 for true; the server passes on what is compressed as it came. */
function asTruth(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte > 1);
  if (first < 0) return bytes;
  for (let at = first; at < bytes.length; at++) if (bytes[at]! > 1) bytes[at] = 1;
  return bytes;
}

function interleave<T extends PixelArray>(planes: T, pixels: number, channels: 3 | 4): T {
  const result = planes.slice() as T;
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) result[pixel * channels + channel] = planes[channel * pixels + pixel]!;
  }
  return result;
}
