import { describe, expect, it } from "vitest";
import type { DType } from "../contract";
import { encodeFrame, imageBlock } from "../protocol/encoder.testing";
import { decodeBinary } from "../protocol/envelope";
import type { Block } from "../protocol/frame";
import { Bslz4Decoder } from "./bslz4";
import { DecodeError } from "./decoder";
import { decodeImage, decodeValues, toArrayValue } from "./image";
import { Doubles } from "./numbers";

const SAMPLES: [DType, ArrayBufferView & ArrayLike<number | bigint>][] = [
  ["bool", Uint8Array.of(0, 1, 1, 0, 1, 0)],
  ["uint8", Uint8Array.of(0, 1, 2, 3, 254, 255)],
  ["int8", Int8Array.of(-128, -1, 0, 1, 2, 127)],
  ["uint16", Uint16Array.of(0, 1, 256, 258, 65534, 65535)],
  ["int16", Int16Array.of(-32768, -1, 0, 1, 256, 32767)],
  ["uint32", Uint32Array.of(0, 1, 256, 65536, 16909060, 2 ** 32 - 1)],
  ["int32", Int32Array.of(-(2 ** 31), -1, 0, 1, 16909060, 2 ** 31 - 1)],
  ["uint64", BigUint64Array.of(0n, 1n, 2n ** 32n, 2n ** 53n + 1n, 72623859790382856n, 2n ** 64n - 1n)],
  ["int64", BigInt64Array.of(-(2n ** 63n), -1n, 0n, 1n, 72623859790382856n, 2n ** 63n - 1n)],
  ["float32", Float32Array.of(-0, 0.1, Number.NaN, Infinity, -Infinity, 1e-45)],
  ["float64", Float64Array.of(-0, 0.1, Number.NaN, Infinity, -Infinity, 5e-324)],
];

/** The image block of a frame that was on the wire. */
function block(data: ArrayBufferView, dtype: DType, shape: number[], keys: Record<string, unknown> = {}): Block {
  const message = decodeBinary(encodeFrame({ blocks: [imageBlock(data, dtype, shape, keys)] }));
  if (message?.kind !== "frame" || message.frame.image === null) throw new Error("no image");
  return message.frame.image;
}

function numbers(data: object): unknown[] {
  return Array.from(data as ArrayLike<unknown>);
}

function bigEndian(data: ArrayBufferView, itemBytes: number): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  for (let at = 0; at < bytes.length; at += itemBytes) bytes.subarray(at, at + itemBytes).reverse();
  return bytes;
}

const decoder = new Bslz4Decoder();

describe("an image block", () => {
  it.each(SAMPLES)("of %s has the sent values, in either byte order, as often as it is decoded", (dtype, data) => {
    const little = block(data, dtype, [2, 3]);
    const big = block(bigEndian(data, data.byteLength / data.length), dtype, [2, 3], { order: "big" });
    for (const sent of [little, big, big]) {
      const image = decodeImage(sent, decoder, 0);
      expect(numbers(image.data)).toEqual(numbers(data));
      expect(image.data.constructor).toBe(data.constructor);
      expect(image).toMatchObject({ dtype, rows: 2, columns: 3, channels: 1 });
    }
  });

  it("of colour is the same picture interleaved and planar", () => {
    const interleaved = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const planar = Uint8Array.of(1, 4, 2, 5, 3, 6);
    for (const sent of [
      block(interleaved, "uint8", [1, 2, 3], { colour: "interleaved" }),
      block(planar, "uint8", [3, 1, 2], { colour: "planar" }),
    ]) {
      const image = decodeImage(sent, decoder, 0);
      expect(numbers(image.data)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(image).toMatchObject({ rows: 1, columns: 2, channels: 3, shape: [1, 2, 3] });
    }
  });

  it.each(SAMPLES)("of %s in colour is the same, whether its parts lie side by side or in planes", (dtype, data) => {
    const inPlanes = Array.from(data, (_, at) => data[(at % 2) * 3 + Math.floor(at / 2)]!);
    const planes = new (data.constructor as new (values: unknown[]) => typeof data)(inPlanes);
    for (const [sent, keys] of [
      [data, "interleaved"],
      [planes, "planar"],
    ] as const) {
      const image = decodeImage(
        block(sent, dtype, keys === "planar" ? [3, 1, 2] : [1, 2, 3], { colour: keys }),
        decoder,
        0,
      );
      expect(image).toMatchObject({ dtype, rows: 1, columns: 2, channels: 3, shape: [1, 2, 3] });
      expect(numbers(image.data)).toEqual(numbers(data));
    }
  });

  it("of truth values has 0 and 1, whatever byte the sender wrote for true, compressed or not", () => {
    const sent = Uint8Array.of(0, 255, 1, 0, 2, 128);
    const head = new DataView(new ArrayBuffer(12));
    head.setBigUint64(0, 6n);
    // Fewer than eight elements follow the head as they are.
    const packed = Uint8Array.of(...new Uint8Array(head.buffer), ...sent);
    for (const image of [block(sent, "bool", [2, 3]), block(packed, "bool", [2, 3], { format: "bslz4" })]) {
      expect(numbers(decodeImage(image, decoder, 0).data)).toEqual([0, 1, 1, 0, 1, 1]);
    }
    const bytes = decodeImage(block(sent, "uint8", [2, 3]), decoder, 0);
    expect(numbers(bytes.data)).toEqual([...sent]);
  });

  it("is refused if shape, bytes, format or colour do not agree", () => {
    const data = Uint16Array.of(1, 2, 3, 4, 5, 6);
    for (const sent of [
      block(data, "uint16", [2, 4]),
      block(data, "uint16", [6]),
      block(data, "uint16", [1, 2, 3]),
      block(data, "uint16", [2, 3], { format: "jpeg" }),
      block(data, "uint8", [2, 3, 2], { colour: "interleaved" }),
      block(data, "uint16", [2, 3], { format: "bslz4" }),
      block(new Uint16Array(0), "uint16", [0, 5]),
      block(data, "uint16", [2 ** 40, 2 ** 40]),
      block(data, "uint16", []),
    ]) {
      expect(() => decodeImage(sent, decoder, 0), JSON.stringify([sent.shape, sent.format])).toThrow(DecodeError);
    }
  });

  it("becomes doubles for curves, and the copy lives on its own", () => {
    const values = decodeValues(block(Int16Array.of(-1, 2, 3), "int16", [3]), decoder, 0);
    const curve = toArrayValue(values);
    values.data[0] = 99;
    expect(curve).toEqual({ dtype: "int16", shape: [3], values: Float64Array.of(-1, 2, 3) });
    const large = decodeValues(block(BigUint64Array.of(2n ** 53n + 1n), "uint64", [1]), decoder, 0);
    expect([...toArrayValue(large).values]).toEqual([2 ** 53]);
  });
});

describe("doubles of 64-bit integers", () => {
  it("are the nearest to each value, and other types stay what they are", () => {
    const doubles = new Doubles();
    for (const data of [
      BigInt64Array.of(-(2n ** 63n), -(2n ** 53n) - 1n, -1n, 0n, 1n, 2n ** 63n - 1n),
      BigUint64Array.of(0n, 2n ** 53n + 1n, 2n ** 64n - 1n),
    ]) {
      expect(Array.from(doubles.of(data, 0))).toEqual(Array.from(data as ArrayLike<bigint>, Number));
    }
    const floats = Float32Array.of(1);
    expect(doubles.of(floats, 0)).toBe(floats);
  });

  it("of one slot stay while another slot is filled", () => {
    const doubles = new Doubles();
    const first = doubles.of(BigInt64Array.of(1n, 2n), 0);
    doubles.of(BigInt64Array.of(3n, 4n), 1);
    expect([...first]).toEqual([1, 2]);
  });
});
