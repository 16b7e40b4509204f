import { describe, expect, it } from "vitest";
import { wideLine } from "./wide-line";

const FIRST = 1_700_000_000_123_456_789n;
const HERE = { x: 0, y: 0 };
const VALUES = Array.from({ length: 30 }, (_, at) => FIRST + BigInt((at * 7) % 30));

describe("a line through 64-bit integers", () => {
  it("has the pixels themselves, and nothing beside what was sent", () => {
    const wide = BigUint64Array.from(VALUES);
    const line = { x0: 3, y0: 2, x1: 8, y1: 2, width: 1 };
    expect(wideLine(line, wide, 6, 5, HERE)).toEqual([VALUES[15], VALUES[16], VALUES[17], null, null, null]);
  });
});
