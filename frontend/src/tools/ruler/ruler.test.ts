import { describe, expect, it } from "vitest";
import { markedPixel } from "../markers/markers";
import { PIXEL_AXES } from "../../ui/stage/measure";
import { regionBetween } from "../../ui/stage/rubber-band";
import { rounded, rulerText, straightened } from "./ruler";

describe("the ruler", () => {
  it("tells length and angle in the unit of the axes, and in no other", () => {
    const line = [
      { x: 0, y: 0 },
      { x: 6, y: 8 },
    ] as [{ x: number; y: number }, { x: number; y: number }];
    expect(rulerText(line, PIXEL_AXES)).toBe("dx 6, dy 8, length 10 px, 53.1°");
    const um = { kind: "linear", origin: 3, step: 0.5, unit: "um" } as const;
    expect(rulerText(line, { x: um, y: um })).toBe("dx 3, dy 4, length 5 µm, 53.1°");
  });

  it("is straightened to the nearest eighth of a turn", () => {
    const from = { x: 10, y: 10 };
    expect(straightened(from, { x: 40, y: 13 })).toEqual({ x: 40, y: 10 });
    expect(straightened(from, { x: 11, y: -20 })).toEqual({ x: 10, y: -20 });
    expect(straightened(from, { x: 30, y: -6 })).toEqual({ x: 28, y: -8 });
  });

  it("is as fine as a tenth of a pixel", () => {
    expect(rounded({ x: 1.2345, y: -0.06 })).toEqual({ x: 1.2, y: -0.1 });
  });
});

describe("a marker", () => {
  it("marks a whole pixel of the image", () => {
    expect(markedPixel({ x: 3.6, y: -4 }, { width: 10, height: 5 })).toEqual({ x: 4, y: 0 });
    expect(markedPixel({ x: 30, y: 4.6 }, { width: 10, height: 5 })).toEqual({ x: 9, y: 4 });
  });
});

describe("a rectangle that is drawn", () => {
  const image = { width: 40, height: 30 };

  it("is made of the whole pixels that it touches", () => {
    expect(regionBetween({ x: 3.2, y: 9.4 }, { x: 7.9, y: 4.6 }, image)).toEqual([3, 5, 6, 5]);
    expect(regionBetween({ x: -9, y: -9 }, { x: 99, y: 99 }, image)).toEqual([0, 0, 40, 30]);
  });

  it("is none beside the image", () => {
    expect(regionBetween({ x: 50, y: 3 }, { x: 60, y: 9 }, image)).toBeNull();
  });
});
