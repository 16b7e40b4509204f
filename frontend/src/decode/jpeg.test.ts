import { describe, expect, it } from "vitest";
import { encodeFrame, imageBlock } from "../protocol/encoder.testing";
import { decodeBinary } from "../protocol/envelope";
import type { Block } from "../protocol/frame";
import { DecodeError } from "./decoder";
import { type JpegBackend, JpegDecoder } from "./jpeg";

const FILE = Uint8Array.of(0xff, 0xd8, 1, 2, 0xff, 0xd9);

function block(shape: number[], keys: Record<string, unknown> = {}, file = FILE): Block {
  const sent = imageBlock(file, "uint8", shape, { format: "jpeg", ...keys });
  const message = decodeBinary(encodeFrame({ blocks: [sent] }));
  if (message?.kind !== "frame" || message.frame.image === null) throw new Error("no image");
  return message.frame.image;
}

/** A decoder of the browser that answers with these pixels, and how often a picture was closed. */
function backend(rows: number, columns: number, packed: number[]): { decode: JpegBackend; closed: () => number } {
  let closed = 0;
  const decode = async () => ({
    rows,
    columns,
    read: async () => Uint8Array.from(packed),
    close: () => void closed++,
  });
  return { decode, closed: () => closed };
}

describe("a JPEG", () => {
  it("of gray gives one byte for each pixel", async () => {
    const { decode, closed } = backend(1, 2, [5, 5, 5, 255, 9, 9, 9, 255]);
    const image = await new JpegDecoder(decode).decode(block([1, 2]), 0);
    expect(image).toMatchObject({ dtype: "uint8", rows: 1, columns: 2, channels: 1, shape: [1, 2] });
    expect([...image.data]).toEqual([5, 9]);
    expect(closed()).toBe(1);
  });

  it("of colour keeps its channels", async () => {
    const { decode } = backend(1, 2, [1, 2, 3, 255, 4, 5, 6, 255]);
    const image = await new JpegDecoder(decode).decode(block([1, 2, 3], { colour: "interleaved" }), 0);
    expect(image).toMatchObject({ channels: 4, shape: [1, 2, 4] });
    expect([...image.data]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  });

  it("is written into the memory of its slot, which is used again", async () => {
    const decoder = new JpegDecoder(backend(1, 1, [7, 7, 7, 255]).decode);
    const first = await decoder.decode(block([1, 1]), 0);
    const other = await decoder.decode(block([1, 1]), 1);
    const again = await decoder.decode(block([1, 1]), 0);
    expect(again.data.buffer).toBe(first.data.buffer);
    expect(other.data.buffer).not.toBe(first.data.buffer);
  });

  it("is refused if it is cut off, damaged, or of another size, and closed in any case", async () => {
    const { decode, closed } = backend(1, 2, [0, 0, 0, 0, 0, 0, 0, 0]);
    const fails = async () => Promise.reject(new Error("the browser's words"));
    for (const [sent, by] of [
      [block([1, 2], {}, FILE.subarray(0, 5)), decode],
      [block([1, 2], {}, new Uint8Array(0)), decode],
      [block([2, 1]), decode],
      [block([0, 2]), decode],
      [block([2 ** 20, 2 ** 20]), decode],
      [block([1, 2]), fails],
    ] as const) {
      await expect(new JpegDecoder(by).decode(sent, 0)).rejects.toThrow(DecodeError);
    }
    expect(closed()).toBe(1);
  });
});
