import { describe, expect, it } from "vitest";
import type { RoiShape } from "../../../contract";
import { wideRegion } from "./wide-region";

const FIRST = 1_700_000_000_123_456_789n;
const HERE = { x: 0, y: 0 };
const SIZE = { columns: 6, rows: 5 };
const VALUES = Array.from({ length: 30 }, (_, at) => FIRST + BigInt((at * 7) % 30));

describe("regions of 64-bit integers", () => {
  it.each<[string, RoiShape]>([
    ["rectangle", { kind: "rectangle", x: 1, y: 1, width: 3, height: 2 }],
    ["all", { kind: "rectangle", x: 0, y: 0, width: 6, height: 5 }],
    ["ellipse", { kind: "ellipse", x: 0, y: 0, width: 6, height: 5 }],
  ])("have exact sums and extremes: %s", (_, shape) => {
    for (const [type, shift] of [
      [BigUint64Array, 0n],
      [BigInt64Array, 0n],
      [BigInt64Array, 2n * FIRST],
      [BigUint64Array, -(2n ** 63n)],
    ] as const) {
      const pixels = VALUES.map((value) => value - shift);
      const found = wideRegion(shape, type.from(pixels), 6, 5, HERE, SIZE)!;
      const ellipse = (column: number, row: number): boolean => ((column - 2.5) / 3) ** 2 + ((row - 2) / 2.5) ** 2 <= 1;
      const inside = pixels.filter((_value, at) => {
        const [column, row] = [at % 6, Math.floor(at / 6)];
        if (shape.kind === "ellipse") return ellipse(column, row);
        if (shape.kind !== "rectangle") return false;
        return column >= shape.x && column < shape.x + shape.width && row >= shape.y && row < shape.y + shape.height;
      });
      const sorted = [...inside].sort((a, b) => (a < b ? -1 : 1));
      const { sigma, ...whole } = found;
      const sum = inside.reduce((before, value) => before + value, 0n);
      expect(whole).toEqual({ sum, min: sorted[0], max: sorted.at(-1), pixels: inside.length });
      // Moved towards zero, where doubles hold the values and their squares.
      const near = inside.map((value) => Number(value - sorted[0]!));
      const mean = near.reduce((before, value) => before + value, 0) / near.length;
      const variance = near.reduce((before, value) => before + (value - mean) ** 2, 0) / near.length;
      expect(sigma).toBeCloseTo(Math.sqrt(variance), 9);
    }
  });

  it("are nothing where none of their pixels was sent, and what was sent elsewhere", () => {
    const part = BigInt64Array.from([FIRST, -FIRST]);
    const shape: RoiShape = { kind: "rectangle", x: 0, y: 0, width: 2, height: 1 };
    expect(wideRegion(shape, part, 2, 1, { x: 3, y: 3 }, SIZE)).toBeNull();
    expect(wideRegion(shape, part, 2, 1, { x: 1, y: 0 }, SIZE)).toEqual({
      sum: FIRST,
      min: FIRST,
      max: FIRST,
      pixels: 1,
      sigma: 0,
    });
  });
});
