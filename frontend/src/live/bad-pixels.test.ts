import { describe, expect, it } from "vitest";
import { Bslz4Decoder } from "../decode/bslz4";
import { DecodeError } from "../decode/decoder";
import { encodeFrame, imageBlock } from "../protocol/encoder.testing";
import { decodeBinary } from "../protocol/envelope";
import type { Block } from "../protocol/frame";
import type { Picture } from "../render/renderer";
import { BadPixels } from "./bad-pixels";

function bad(codes: number[], shape: number[]): Block {
  const block = imageBlock(Uint8Array.from(codes), "uint8", shape, { role: "bad" });
  const message = decodeBinary(encodeFrame({ blocks: [block] }));
  if (message?.kind !== "frame" || message.frame.bad === null) throw new Error("no block of bad pixels");
  return message.frame.bad;
}

function preview(grays: number[], rows: number, columns: number, channels: 1 | 4 = 1): Picture {
  const data = Uint8Array.from(grays);
  const shape = channels === 1 ? [rows, columns] : [rows, columns, channels];
  const place = { x: 0, y: 0, width: columns, height: rows, binning: 1, columns, rows };
  const picture = {
    image: { dtype: "uint8", shape, data, rows, columns, channels },
    numbers: data,
    place,
    gray: [0, 10],
    range: [0, 255],
    wide: null,
  };
  return picture as unknown as Picture;
}

describe("a preview of which some pixels have no value", () => {
  it("has NaN and the infinities where the server says so, and its grays elsewhere", () => {
    const { image, numbers, gray } = new BadPixels(new Bslz4Decoder()).mark(
      preview([7, 8, 9, 255, 0, 3], 2, 3),
      bad([0, 1, 2, 0, 3, 0], [2, 3]),
      0,
    );
    expect([...numbers]).toEqual([7, Number.NaN, Infinity, 255, -Infinity, 3]);
    expect(image).toMatchObject({ dtype: "float32", rows: 2, columns: 3, channels: 1 });
    expect(image.data).toBe(numbers);
    expect(gray).toEqual([0, 10]);
  });

  it("of a colour image has none of its parts", () => {
    const { numbers } = new BadPixels(new Bslz4Decoder()).mark(
      preview([1, 2, 3, 255, 4, 5, 6, 255], 1, 2, 4),
      bad([0, 1], [1, 2]),
      0,
    );
    expect([...numbers]).toEqual([1, 2, 3, 255, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });

  it("stays of bytes as long as all have one, and of floats from the first that has not", () => {
    const marker = new BadPixels(new Bslz4Decoder());
    const whole = preview([1, 2], 1, 2);
    expect(marker.mark(whole, null, 0)).toBe(whole);
    marker.mark(whole, bad([0, 1], [1, 2]), 0);
    expect(marker.mark(whole, null, 1).numbers).toEqual(Float32Array.of(1, 2));
    marker.forget();
    expect(marker.mark(whole, null, 0)).toBe(whole);
  });

  it("is refused if the block is of another size", () => {
    expect(() => new BadPixels(new Bslz4Decoder()).mark(preview([1, 2], 1, 2), bad([0, 1], [2, 1]), 0)).toThrow(
      DecodeError,
    );
  });
});
