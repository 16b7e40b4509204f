import { describe, expect, it } from "vitest";
import { placeOf } from "./place";

describe("the place of a picture", () => {
  it("is all of the image, the part that was sent, or the pixels that a preview stands for", () => {
    expect(placeOf(8, 6, null, 1, null)).toEqual({ x: 0, y: 0, width: 8, height: 6, binning: 1, columns: 8, rows: 6 });
    expect(placeOf(3, 2, [5, 1, 3, 2], 1, [6, 8])).toMatchObject({ x: 5, y: 1, width: 3, columns: 8, rows: 6 });
    expect(placeOf(3, 2, null, 3, [6, 7])).toMatchObject({ width: 7, height: 6, binning: 3 });
    expect(placeOf(2, 1, [2, 3, 3, 2], 2, [6, 8])).toMatchObject({ x: 2, width: 3, height: 2, binning: 2 });
  });

  it("is none if the numbers do not agree", () => {
    for (const [columns, rows, crop, binning, of] of [
      [8, 6, null, 1, [6, 9]],
      [3, 2, null, 3, [6, 10]],
      [3, 2, [6, 1, 3, 2], 1, [6, 8]],
      [3, 2, [5, 1, 2, 2], 1, [6, 8]],
      [3, 2, [0, 0, 3, 2], 1, null],
    ] as const) {
      expect(placeOf(columns, rows, crop === null ? null : [...crop], binning, of)).toBeNull();
    }
  });
});
