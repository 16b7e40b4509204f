import type { DType, ImageNumbers, Omitted, Pulse, Region } from "../contract";
import { ProtocolError, type Reader } from "./bytes";
import { isDType } from "./dtypes";
import { decodeTable, NO_TIME, type Table } from "./table";

/** An image, a part of one, or a 1-D array of a frame; `payload` refers to the message. */
export interface Block {
  role: "image" | "array" | "detail" | "profile" | "histogram" | "bad";
  channel: number;
  /** `raw`, `bslz4` or `jpeg`; an unknown one is refused when the block is decoded */
  format: string;
  dtype: DType;
  order: "little" | "big";
  shape: number[];
  payload: Uint8Array;
  /** in pixels of the source; null for the whole image */
  crop: Region | null;
  binning: number;
  /** rows, columns of the whole image; null: the block is the whole image */
  of: [number, number] | null;
  /** every value is the one that the source sent, in its type */
  exact: boolean;
  /** values have lost digits since the source sent them */
  rounded: boolean;
  /** data type of the source; float32 if it is float16 */
  sourceDtype: DType;
  /** the source sent float16, which travels as float32: it holds each of its numbers */
  widened: boolean;
  /** values that gray 0 and 255 of a preview stand for */
  levels: [number, number] | null;
  numbers: ImageNumbers | null;
  colour: "interleaved" | "planar" | null;
  slice: [number, number] | null;
}

/** Counts of the values of an image; bin i begins at low + i * width. */
interface Histogram {
  block: Block;
  low: number;
  width: number;
}

/** One pulse: its image and arrays, its scalars, and what is said about channels that are not in it. */
export interface Frame {
  pulse: Pulse;
  image: Block | null;
  /** with a preview: which of its pixels have no value; null: all have one */
  bad: Block | null;
  /** with a preview: exact pixels around the cursor, sums along both axes, counts of the values */
  detail: Block | null;
  profiles: { x: Block | null; y: Block | null };
  histogram: Histogram | null;
  arrays: Block[];
  values: Table | null;
  omitted: ({ channel: number } & Omitted)[];
  invalid: { channel: number; reason: string }[];
  nulls: number[];
}

const FIXED_END = 56;
const MAX_DIMENSIONS = 8;
const utf8 = new TextDecoder();

/** Decodes the message behind the envelope. Payloads stay where they are. */
export function decodeFrame(message: Reader): Frame {
  message.need(0, FIXED_END, "head of a frame");
  const sourceTime = message.i64(40, "source time");
  const pulse: Pulse = {
    epoch: message.u32(16, "epoch"),
    sequence: message.u64(24, "sequence"),
    pulseId: message.u64(32, "pulse id"),
    sourceTime: sourceTime === NO_TIME ? null : sourceTime,
    receiptTime: message.i64(48, "receipt time"),
  };
  const head = parseHead(utf8.decode(message.slice(FIXED_END, message.u32(20, "length of the head"), "head")));
  const frame: Frame = {
    pulse,
    image: null,
    bad: null,
    detail: null,
    profiles: { x: null, y: null },
    histogram: null,
    arrays: [],
    values: null,
    omitted: [],
    invalid: [],
    nulls: [],
  };
  for (const entry of list(head["blocks"])) addBlock(frame, object(entry), message);
  for (const entry of list(head["omitted"])) {
    const [channel, dtype, dimensions, reason] = list(entry);
    if (Number.isSafeInteger(channel)) {
      const about = { dtype: String(dtype), shape: shape(dimensions), reason: String(reason) };
      frame.omitted.push({ channel: channel as number, ...about });
    }
  }
  for (const entry of list(head["invalid"])) {
    const [channel, reason] = list(entry);
    if (Number.isSafeInteger(channel)) frame.invalid.push({ channel: channel as number, reason: String(reason) });
  }
  for (const channel of list(head["null"])) {
    if (Number.isSafeInteger(channel)) frame.nulls.push(channel as number);
  }
  return frame;
}

function addBlock(frame: Frame, keys: Record<string, unknown>, message: Reader): void {
  const payload = () => message.slice(number(keys, "offset"), number(keys, "bytes"), "payload of a block");
  const axis = keys["axis"];
  switch (keys["role"]) {
    case "image":
      return void (frame.image ??= block("image", keys, payload()));
    case "bad":
      return void (frame.bad ??= block("bad", keys, payload()));
    case "array":
      return void frame.arrays.push(block("array", keys, payload()));
    case "detail":
      return void (frame.detail ??= block("detail", keys, payload()));
    case "profile":
      if (axis === "x" || axis === "y") frame.profiles[axis] ??= block("profile", keys, payload());
      return;
    case "histogram": {
      const [low, width] = [finite(keys["low"], "low"), finite(keys["width"], "width")];
      return void (frame.histogram ??= { block: block("histogram", keys, payload()), low, width });
    }
    case "values":
      if (keys["format"] !== "table") return;
      frame.values = decodeTable(message.part(payload()));
      if (frame.values.rows !== 1) throw new ProtocolError(`values of a frame in ${frame.values.rows} rows`);
  }
}

function parseHead(text: string): Record<string, unknown> {
  try {
    return object(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ProtocolError("the head of a frame is no JSON");
    throw error;
  }
}

function block(role: Block["role"], keys: Record<string, unknown>, payload: Uint8Array): Block {
  const { dtype, order, colour, format } = keys;
  if (!isDType(dtype)) throw new ProtocolError(`data type ${JSON.stringify(dtype)} of a block`);
  if (order !== "little" && order !== "big") throw new ProtocolError(`byte order ${JSON.stringify(order)} of a block`);
  const widened = keys["source_dtype"] === "float16";
  const sourceDtype = widened ? "float32" : (keys["source_dtype"] ?? dtype);
  if (!isDType(sourceDtype)) throw new ProtocolError(`source's data type ${JSON.stringify(sourceDtype)} of a block`);
  const crop = keys["crop"] === undefined ? null : numbers(keys["crop"], 4);
  const of = keys["of"] === undefined ? null : numbers(keys["of"], 2);
  const slice = keys["slice"] === undefined ? null : numbers(keys["slice"], 2);
  return {
    role,
    channel: number(keys, "channel"),
    format: String(format),
    dtype,
    order,
    shape: shape(keys["shape"]),
    payload,
    crop: crop as Block["crop"],
    binning: keys["binning"] === undefined ? 1 : Math.max(number(keys, "binning"), 1),
    of: of as Block["of"],
    exact: keys["exact"] === true,
    rounded: keys["exact"] !== true && !widened,
    sourceDtype,
    widened,
    levels: (keys["levels"] ?? null) === null ? null : levels(keys["levels"]),
    numbers: (keys["numbers"] ?? null) === null ? null : imageNumbers(object(keys["numbers"])),
    colour: colour === "interleaved" || colour === "planar" ? colour : null,
    slice: slice as Block["slice"],
  };
}

function levels(value: unknown): [number, number] {
  const [low, high, ...more] = list(value);
  if (more.length > 0) throw new ProtocolError("two levels expected");
  return [finite(low, "level"), finite(high, "level")];
}

function imageNumbers(keys: Record<string, unknown>): ImageNumbers {
  const text = (key: string) => (keys[key] === undefined || keys[key] === null ? null : String(keys[key]));
  return {
    min: text("min"),
    max: text("max"),
    sum: text("sum"),
    finite: number(keys, "finite"),
    notFinite: number(keys, "not_finite"),
    saturation: text("saturation"),
    saturated: number(keys, "saturated"),
  };
}

/** A number that may have come as text. */
function finite(value: unknown, what: string): number {
  const result = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof result !== "number" || !Number.isFinite(result)) {
    throw new ProtocolError(`${what} of a block: ${JSON.stringify(value)}`);
  }
  return result;
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProtocolError("an object is missing");
  }
  return value as Record<string, unknown>;
}

/** An absent list is an empty one. */
function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new ProtocolError("a list is missing");
  return value;
}

function number(keys: Record<string, unknown>, key: string): number {
  const value = keys[key];
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new ProtocolError(`${key} of a block: ${JSON.stringify(value)}`);
  }
  return value as number;
}

function numbers(value: unknown, length: number): number[] {
  const entries = list(value);
  if (entries.length !== length || !entries.every((entry) => Number.isSafeInteger(entry) && (entry as number) >= 0)) {
    throw new ProtocolError(`${length} numbers expected in a block`);
  }
  return entries as number[];
}

function shape(value: unknown): number[] {
  const entries = list(value);
  if (entries.length > MAX_DIMENSIONS) throw new ProtocolError(`an array of ${entries.length} dimensions`);
  return numbers(entries, entries.length);
}
