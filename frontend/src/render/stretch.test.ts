import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../defaults";
import { Placing } from "../ui/stage/placing";
import { visible } from "../live/wishes";
import { turned, mirrored } from "./orientation";
import { drawnSize, stretchOf } from "./stretch";
import { fitView, pixelMap, pixelSize, shownAxes } from "./view";

const CANVAS = { width: 1000, height: 600 };

function viewed(columns: number, rows: number, orientation = UPRIGHT): Placing {
  const view = fitView(CANVAS.width, CANVAS.height, columns, rows, orientation);
  return new Placing(view, { width: columns, height: rows }, CANVAS, 1);
}

describe("long images", () => {
  it.each([
    [640, 480],
    [2048, 64],
    [1, 1],
    [1, 48],
    [48, 1],
  ])("are not stretched where they can be seen: %i x %i", (width, height) => {
    expect(stretchOf({ width, height })).toEqual({ x: 1, y: 1 });
    expect(drawnSize({ width, height })).toEqual({ width, height });
  });

  it.each([
    [200, 1],
    [1, 200],
    [49, 1],
    [4000, 3],
    [1_000_000, 1],
  ])("are bands: %i x %i", (width, height) => {
    const drawn = drawnSize({ width, height });
    const ratio = Math.max(drawn.width, drawn.height) / Math.min(drawn.width, drawn.height);
    expect(ratio).toBeGreaterThanOrEqual(8);
    expect(ratio).toBeLessThan(10);
    expect(Math.max(drawn.width, drawn.height)).toBe(Math.max(width, height));
  });

  it.each([UPRIGHT, turned(UPRIGHT), mirrored(UPRIGHT, "x"), turned(mirrored(UPRIGHT, "y"))])(
    "lie in the middle of the canvas, and each place on the stage is one pixel of theirs: %o",
    (orientation) => {
      const placing = viewed(200, 1, orientation);
      const box = placing.boxOf({ x: 0, y: 0, width: 200, height: 1 });
      const [long, short] = orientation.transpose ? [box.height, box.width] : [box.width, box.height];
      expect(long).toBeCloseTo(orientation.transpose ? 600 : 1000, 6);
      expect(short).toBeCloseTo(long / 8, 6);
      expect(box.x + box.width / 2).toBeCloseTo(500, 6);
      expect(box.y + box.height / 2).toBeCloseTo(300, 6);
      for (const column of [0, 57, 199]) {
        const at = placing.toStage({ x: column, y: 0 });
        expect(placing.pixelAt(at)).toEqual({ row: 0, column });
        const back = placing.toImage(at);
        expect(back.x).toBeCloseTo(column, 9);
        expect(back.y).toBeCloseTo(0, 9);
      }
      expect([placing.along("x") * 200, placing.along("y")]).toEqual(
        [long, short].map((side) => expect.closeTo(side, 6)),
      );
      expect(placing.pixelAt({ x: box.x + box.width + 1, y: 300 })).toBeNull();
    },
  );

  it("are drawn where the page says that they lie", () => {
    const place = { x: 0, y: 0, width: 200, height: 1, binning: 1, columns: 200, rows: 1 };
    for (const orientation of [UPRIGHT, turned(UPRIGHT), mirrored(UPRIGHT, "x")]) {
      const placing = viewed(200, 1, orientation);
      const size = pixelSize(place, placing.view);
      const axes = shownAxes(place, orientation);
      const across = pixelMap(new Int32Array(CANVAS.width), placing.view.offsetX, size.x, axes.across);
      const down = pixelMap(new Int32Array(CANVAS.height), placing.view.offsetY, size.y, axes.down);
      for (const [x, y] of [
        [500, 300],
        [503, 301],
        [470, 290],
      ] as const) {
        const [column, row] = orientation.transpose ? [down[y], across[x]] : [across[x], down[y]];
        expect(placing.pixelAt({ x: x + 0.5, y: y + 0.5 })).toEqual({ row, column });
      }
    }
  });

  it("ask the server for what is seen of them", () => {
    const view = { ...fitView(1000, 600, 200, 1), scale: 10, offsetX: -500, offsetY: 100 };
    expect(visible(view, [1000, 600], 1, 200)).toEqual([50, 0, 100, 1]);
    expect(visible(fitView(1000, 600, 200, 1), [1000, 600], 1, 200)).toBeNull();
  });
});
