import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../defaults";
import type { Place } from "./place";
import { toSource } from "./orientation";
import { blockMap, coveredRange, fitView, pixelMap, shownAxes, shownRange } from "./view";

function map(length: number, offset: number, scale: number, count: number, first = 0, binning = 1): number[] {
  return Array.from(pixelMap(new Int32Array(length), offset, scale, { sign: 1, add: -first, count, binning }));
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
    for (const [offset, scale] of [
      [3.3, 0.7],
      [-20.5, 3.25],
      [0, 1 / 3],
    ] as const) {
      const whole = map(120, offset, scale, 37);
      expect(map(120, offset, scale, 37, 0, 4)).toEqual(whole.map((pixel) => (pixel < 0 ? -1 : Math.floor(pixel / 4))));
      const part = whole.map((pixel) => (pixel >= 10 && pixel < 25 ? pixel - 10 : -1));
      expect(map(120, offset, scale, 15, 10)).toEqual(part);
    }
  });

  it("knows which part of the canvas a picture may cover", () => {
    for (const [offset, scale, count] of [
      [3.3, 0.7, 20],
      [-55.5, 12.25, 9],
      [90, 3, 40],
      [-500, 1, 100],
    ] as const) {
      const covered = map(100, offset, scale, count).flatMap((pixel, at) => (pixel >= 0 ? [at] : []));
      const [from, to] = coveredRange(0, count, offset, scale, 100);
      expect(covered.every((at) => at >= from && at < to)).toBe(true);
      expect(to - from).toBeLessThanOrEqual(covered.length + 4);
    }
  });
});

const PLACE: Place = { x: 3, y: 2, width: 5, height: 4, binning: 1, columns: 11, rows: 9 };
const ORIENTATIONS = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  transpose: (bits & 1) !== 0,
  mirrorX: (bits & 2) !== 0,
  mirrorY: (bits & 4) !== 0,
}));

describe("a turned view", () => {
  it("fits the image as it is shown", () => {
    const turned = { transpose: true, mirrorX: false, mirrorY: true };
    expect(fitView(300, 600, 200, 100, turned)).toEqual({ scale: 3, offsetX: 0, offsetY: 0, orientation: turned });
  });

  it("shows each pixel where the orientation puts it, of a part of the image too", () => {
    const image = { width: PLACE.columns, height: PLACE.rows };
    for (const orientation of ORIENTATIONS) {
      const { across, down } = shownAxes(PLACE, orientation);
      const x = pixelMap(new Int32Array(12), 0, 1, across);
      const y = pixelMap(new Int32Array(12), 0, 1, down);
      let seen = 0;
      for (let v = 0; v < 12; v++) {
        for (let u = 0; u < 12; u++) {
          const source = toSource(orientation, { x: u, y: v }, image);
          const [column, row] = [source.x - PLACE.x, source.y - PLACE.y];
          const inside = column >= 0 && row >= 0 && column < PLACE.width && row < PLACE.height;
          expect(x[u]! >= 0 && y[v]! >= 0).toBe(inside);
          if (inside) expect(orientation.transpose ? [y[v], x[u]] : [x[u], y[v]]).toEqual([column, row]);
          seen += Number(inside);
        }
      }
      expect(seen).toBe(20);
    }
  });

  it("knows where some of the picture's pixels are shown", () => {
    for (const orientation of ORIENTATIONS) {
      for (const binning of [1, 2]) {
        const { across } = shownAxes({ ...PLACE, binning }, orientation);
        const map = pixelMap(new Int32Array(12), 0, 1, across);
        const [from, to] = shownRange(across, 1, 2);
        expect(Array.from(map.subarray(from, to)).every((pixel) => pixel === 1 || pixel === 2)).toBe(true);
        expect(map.filter((pixel) => pixel === 1 || pixel === 2)).toHaveLength(to - from);
      }
    }
  });
});

describe("the pixels under a canvas pixel", () => {
  const axis = (sign: 1 | -1, count: number, binning = 1) => ({ sign, add: sign > 0 ? 0 : count - 1, count, binning });

  function blocks(length: number, offset: number, scale: number, of: ReturnType<typeof axis>): number[][] {
    const [from, to] = [new Int32Array(length), new Int32Array(length)];
    blockMap(from, to, offset, scale, of);
    return Array.from(from, (first, at) => Array.from({ length: to[at]! - first }, (_, next) => first + next));
  }

  it("are all that lie between its edges", () => {
    expect(blocks(3, 0, 0.5, axis(1, 6))).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(blocks(4, 1, 0.5, axis(-1, 5))).toEqual([[], [3, 4], [1, 2], [0]]);
    expect(blocks(3, 0, 0.5, axis(1, 6, 4))).toEqual([[0], [0], [1]]);
  });

  it("are each in one block, and none that is visible is left out", () => {
    for (const [offset, scale, count] of [
      [3.3, 0.7, 120],
      [-20.5, 0.31, 300],
      [0, 1 / 3, 299],
      [0.9, 0.99, 80],
    ] as const) {
      for (const sign of [1, -1] as const) {
        const all = blocks(100, offset, scale, axis(sign, count))
          .flat()
          .sort((a, b) => a - b);
        expect(new Set(all).size).toBe(all.length);
        const visible = Array.from({ length: count }, (_, pixel) => pixel).filter((pixel) => {
          const shown = sign > 0 ? pixel : count - 1 - pixel;
          return (shown + 1) * scale + offset > 1e-3 && shown * scale + offset < 100 - 1e-3;
        });
        expect(visible.filter((pixel) => !all.includes(pixel))).toEqual([]);
      }
    }
  });
});
