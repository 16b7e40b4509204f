import { describe, expect, it } from "vitest";
import { align8, ProtocolError, Reader } from "./bytes";

describe("the reader of a message", () => {
  const reader = new Reader(Uint8Array.of(9, 1, 0, 0, 0, 0, 0, 0, 128, 9).buffer, 1, 8);

  it("reads up to the last byte, little endian, from where it begins", () => {
    expect([reader.u8(7, ""), reader.u32(0, ""), reader.u64(0, ""), reader.i64(0, "")]).toEqual([
      128,
      1,
      2n ** 63n + 1n,
      -(2n ** 63n) + 1n,
    ]);
    expect([...reader.slice(6, 2, "")]).toEqual([0, 128]);
    expect(reader.part(reader.slice(7, 1, "")).u8(0, "")).toBe(128);
  });

  it("refuses what lies a byte outside, and numbers that are no places", () => {
    for (const [offset, count] of [
      [0, 9],
      [8, 1],
      [-1, 1],
      [1.5, 1],
      [Number.NaN, 1],
      [2 ** 53, 1],
      [0, -1],
      [0, Infinity],
    ] as const) {
      expect(() => reader.need(offset, count, ""), `${count} at ${offset}`).toThrow(ProtocolError);
    }
    for (const read of [
      () => reader.u8(8, ""),
      () => reader.u32(5, ""),
      () => reader.u64(1, ""),
      () => reader.i64(1, ""),
    ]) {
      expect(read).toThrow(ProtocolError);
    }
    expect(() => reader.part(reader.slice(0, 4, "")).u8(4, "")).toThrow(ProtocolError);
  });

  it("rounds up to multiples of eight, beyond 32 bits too", () => {
    expect([0, 1, 8, 9, 2 ** 40 + 1].map(align8)).toEqual([0, 8, 8, 16, 2 ** 40 + 8]);
  });
});
