import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../defaults";
import { coveredRange, fitView, pixelMap } from "./view";

function map(length: number, offset: number, scale: number, count: number, first = 0, binning = 1): number[] {
  return Array.from(pixelMap(new Int32Array(length), offset, scale, first, count, binning));
}

describe("the view", () => {
  it("fits a picture into the canvas, in its middle and with its aspect ratio", () => {
    expect(fitView(1000, 500, 100, 100)).toEqual({ scale: 5, offsetX: 250, offsetY: 0, orientation: UPRIGHT });
    expect(fitView(300, 600, 100, 100)).toEqual({ scale: 3, offsetX: 0, offsetY: 150, orientation: UPRIGHT });
  });

  it("shows each pixel as a square when it is enlarged", () => {
    expect(map(8, 1, 3, 2)).toEqual([-1, 0, 0, 0, 1, 1, 1, -1]);
  });

  it("shows every pixel once at its own size, wherever it lies", () => {
    expect(map(6, 2, 1, 3)).toEqual([-1, -1, 0, 1, 2, -1]);
    expect(map(3, -2, 1, 9)).toEqual([2, 3, 4]);
  });

  it("shows the pixel under the centre of a canvas pixel when it is reduced", () => {
    expect(map(4, 0, 1 / 3, 12)).toEqual([1, 4, 7, 10]);
    expect(map(3, 0, 0.4, 7)).toEqual([1, 3, 6]);
  });

  it("shows nothing outside of the picture", () => {
    expect(map(3, 100, 2, 5)).toEqual([-1, -1, -1]);
    expect(map(3, -100, 2, 5)).toEqual([-1, -1, -1]);
  });

  it("shows the pixel of a preview that the pixel of the source belongs to, cut off at the edge of the image", () => {
    // Seven pixels of the source in threes: the last of the preview stands for one.
    expect(map(9, 1, 1, 7, 0, 3)).toEqual([-1, 0, 0, 0, 1, 1, 1, 2, -1]);
    expect(map(8, 0, 0.5, 7, 0, 3)).toEqual([0, 1, 1, -1, -1, -1, -1, -1]);
  });

  it("shows a part of the image in its place, and nothing beside it", () => {
    expect(map(8, 1, 1, 3, 2)).toEqual([-1, -1, -1, 0, 1, 2, -1, -1]);
    expect(map(10, 0, 2, 3, 1)).toEqual([-1, -1, 0, 0, 1, 1, 2, 2, -1, -1]);
    expect(map(8, 0, 1, 5, 2, 2)).toEqual([-1, -1, 0, 0, 1, 1, 2, -1]);
  });

  it("shows the same pixel of the source whatever was sent of it", () => {
    for (const [offset, scale] of [[3.3, 0.7], [-20.5, 3.25], [0, 1 / 3]] as const) {
      const whole = map(120, offset, scale, 37);
      expect(map(120, offset, scale, 37, 0, 4)).toEqual(whole.map((pixel) => (pixel < 0 ? -1 : Math.floor(pixel / 4))));
      const part = whole.map((pixel) => (pixel >= 10 && pixel < 25 ? pixel - 10 : -1));
      expect(map(120, offset, scale, 15, 10)).toEqual(part);
    }
  });

  it("knows which part of the canvas a picture may cover", () => {
    for (const [offset, scale, count] of [[3.3, 0.7, 20], [-55.5, 12.25, 9], [90, 3, 40], [-500, 1, 100]] as const) {
      const covered = map(100, offset, scale, count).flatMap((pixel, at) => (pixel >= 0 ? [at] : []));
      const [from, to] = coveredRange(0, count, offset, scale, 100);
      expect(covered.every((at) => at >= from && at < to)).toBe(true);
      expect(to - from).toBeLessThanOrEqual(covered.length + 4);
    }
  });
});
