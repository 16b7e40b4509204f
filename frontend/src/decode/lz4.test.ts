import { describe, expect, it } from "vitest";
import { unpackLz4 } from "./lz4";

const SPARE = 8;

/** Unpacks into `bytes` bytes of a longer array; null if the block is refused. */
function unpack(block: number[], bytes: number): number[] | null {
  const target = new Uint8Array(bytes + SPARE).fill(0xee);
  const sound = unpackLz4(Uint8Array.from(block), 0, block.length, target, bytes);
  expect([...target.subarray(bytes)], "bytes behind the target").toEqual(new Array(SPARE).fill(0xee));
  return sound ? [...target.subarray(0, bytes)] : null;
}

describe("an LZ4 block", () => {
  it("of literals is copied", () => {
    expect(unpack([0x30, 1, 2, 3], 3)).toEqual([1, 2, 3]);
  });

  it("repeats what went before, overlapping itself too, short and long", () => {
    for (const length of [4, 18, 60, 300]) {
      for (const offset of [1, 2, 3]) {
        const extra = length - 4 - 15;
        const lengths = extra < 0 ? [] : [...new Array<number>(Math.floor(extra / 255)).fill(255), extra % 255];
        const block = [0x30 | Math.min(15, length - 4), 7, 8, 9, offset, 0, ...lengths, 0x10, 5];
        const expected = [7, 8, 9];
        for (let index = 0; index < length; index++) expected.push(expected[expected.length - offset]!);
        expect(unpack(block, 4 + length), `${length} bytes from ${offset} back`).toEqual([...expected, 5]);
      }
    }
  });

  it("that holds more or less than it should is refused, and writes nothing beyond", () => {
    for (const bytes of [0, 1, 2, 4, 100]) expect(unpack([0x30, 1, 2, 3], bytes)).toBeNull();
    const long = [0xf0, 45, ...new Array<number>(60).fill(1)];
    expect(unpack(long, 60)).toHaveLength(60);
    expect(unpack(long, 59)).toBeNull();
    const match = [0x1f, 1, 1, 0, 81, 0x10, 2];
    expect(unpack(match, 102)).toHaveLength(102);
    for (const bytes of [101, 100, 50, 2]) expect(unpack(match, bytes)).toBeNull();
    const short = [0x10, 1, 1, 0, 0x10, 2];
    for (const bytes of [5, 4, 3]) expect(unpack(short, bytes)).toBeNull();
  });

  it("that is cut, or points before its beginning or at itself, is refused", () => {
    for (const block of [
      [],
      [0x40, 1, 2, 3],
      [0xf0],
      [0xf0, 255],
      [0x10, 1, 1],
      [0x1f, 1, 1, 0],
      [0x10, 1, 2, 0, 0x10, 1],
      [0x10, 1, 0, 0, 0x10, 1],
    ]) {
      expect(unpack(block, 6), block.join()).toBeNull();
    }
  });
});
