import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Levels } from "../contract";
import { AUTO_LEVELS, UPRIGHT } from "../defaults";
import { showsBeyond, visible, Wishes } from "./wishes";

let sent: Record<string, unknown>[];
let wishes: Wishes;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  wishes = new Wishes(400, 300, AUTO_LEVELS, "auto", (change) => void sent.push(change));
});
afterEach(() => void vi.useRealTimers());

const FITTED = { scale: 0.5, offsetX: 0, offsetY: 0, orientation: UPRIGHT };
const ENLARGED = { scale: 2, offsetX: -200, offsetY: -400, orientation: UPRIGHT };

describe("what is visible of an image", () => {
  it("is nothing to say when all of it is, whatever lies beside it", () => {
    expect(visible(FITTED, [400, 300], 600, 800)).toBeNull();
    expect(visible({ scale: 0.1, offsetX: 100, offsetY: 90, orientation: UPRIGHT }, [400, 300], 600, 800)).toBeNull();
    // A view that fits, with the rounding of real numbers.
    for (const columns of [641, 1023, 2557]) {
      const scale = 400 / columns;
      const offsetY = (300 - 200 * scale) / 2;
      expect(
        visible(
          { scale, offsetX: (400 - columns * scale) / 2, offsetY, orientation: UPRIGHT },
          [400, 300],
          200,
          columns,
        ),
      ).toBeNull();
    }
  });

  it("is every pixel of which something is seen, and none outside of the image", () => {
    expect(visible(ENLARGED, [400, 300], 600, 800)).toEqual([100, 200, 200, 150]);
    expect(visible({ scale: 2, offsetX: -201, offsetY: -401, orientation: UPRIGHT }, [400, 300], 600, 800)).toEqual([
      100, 200, 201, 151,
    ]);
    expect(visible({ scale: 4, offsetX: 100, offsetY: 100, orientation: UPRIGHT }, [400, 300], 600, 800)).toEqual([
      0, 0, 75, 50,
    ]);
    expect(visible({ scale: 4, offsetX: -3100, offsetY: -2300, orientation: UPRIGHT }, [400, 300], 600, 800)).toEqual([
      775, 575, 25, 25,
    ]);
  });

  it("is in pixels of the source however the image is turned", () => {
    const view = { scale: 2, offsetX: -200, offsetY: -400 };
    const seen = (bits: number) =>
      visible(
        { ...view, orientation: { transpose: (bits & 1) !== 0, mirrorX: (bits & 2) !== 0, mirrorY: (bits & 4) !== 0 } },
        [400, 300],
        600,
        800,
      );
    expect(seen(2)).toEqual([800 - 100 - 200, 200, 200, 150]);
    expect(seen(4)).toEqual([100, 600 - 200 - 150, 200, 150]);
    expect(seen(1)).toEqual([200, 100, 150, 200]);
    expect(seen(7)).toEqual([800 - 200 - 150, 600 - 100 - 200, 150, 200]);
  });
});

describe("what the server is told", () => {
  it("is all at once at first", () => {
    expect(wishes.current()).toEqual({ format: "auto", picture: [400, 300], crop: null, levels: null, hover: null });
    expect(sent).toEqual([]);
  });

  it("is the visible part when the view moves, at most eight times a second and at last as it is", () => {
    wishes.setImage(600, 800, false);
    for (let step = 0; step < 200; step++) {
      wishes.setView({ ...ENLARGED, offsetX: -200 - 5 * step });
      vi.advanceTimersByTime(10);
    }
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.length).toBeLessThanOrEqual(17);
    vi.advanceTimersByTime(200);
    expect(sent[sent.length - 1]).toEqual({ crop: [597, 200, 201, 150] });
    wishes.setView(FITTED);
    vi.advanceTimersByTime(200);
    expect(sent[sent.length - 1]).toEqual({ crop: null });
  });

  it("is not told of a move within the margin, except where few pixels are seen", () => {
    wishes.setImage(600, 800, false);
    wishes.setView(ENLARGED);
    vi.advanceTimersByTime(200);
    wishes.setView({ ...ENLARGED, offsetX: -204, offsetY: -404 });
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([{ crop: [100, 200, 200, 150] }]);
    wishes.setView({ ...ENLARGED, offsetX: -210 });
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(2);
    wishes.setView({ scale: 40, offsetX: -4000, offsetY: -8000, orientation: UPRIGHT });
    vi.advanceTimersByTime(1000);
    wishes.setView({ scale: 40, offsetX: -4040, offsetY: -8000, orientation: UPRIGHT });
    vi.advanceTimersByTime(1000);
    expect(sent.slice(2)).toEqual([{ crop: [100, 200, 10, 8] }, { crop: [101, 200, 10, 8] }]);
  });

  it("is nothing of a part before there is an image, and of the view of another image", () => {
    wishes.setView(ENLARGED);
    vi.advanceTimersByTime(1000);
    wishes.setImage(600, 800, false);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([{ crop: [100, 200, 200, 150] }]);
    wishes.setImage(30, 40, false);
    vi.advanceTimersByTime(1000);
    expect(sent[1]).toEqual({ crop: null });
    wishes.forgetImage();
    expect(wishes.current().crop).toBeNull();
  });

  it("is the pixel under the cursor, only while a preview is shown", () => {
    wishes.setImage(600, 800, false);
    wishes.setCursor({ row: 3, column: 7 });
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([]);
    wishes.setImage(600, 800, true);
    vi.advanceTimersByTime(1000);
    wishes.setCursor({ row: 3, column: 8 });
    wishes.setCursor({ row: 4, column: 9 });
    vi.advanceTimersByTime(1000);
    wishes.setCursor(null);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([{ hover: [7, 3] }, { hover: [8, 3] }, { hover: [9, 4] }, { hover: null }]);
    wishes.setCursor({ row: 3, column: 7 });
    vi.advanceTimersByTime(1000);
    wishes.setImage(600, 800, false);
    vi.advanceTimersByTime(1000);
    expect(sent.slice(4)).toEqual([{ hover: [7, 3] }, { hover: null }]);
  });

  it("is the size of the picture when it changes", () => {
    wishes.setSize(500, 400);
    wishes.setSize(600, 400);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([{ picture: [500, 400] }, { picture: [600, 400] }]);
  });

  it("is exact, and the part that is needed besides the visible one, until that is not needed any more", () => {
    wishes.setImage(600, 800, false);
    wishes.setView(ENLARGED);
    vi.advanceTimersByTime(1000);
    wishes.setNeed({ exact: true, region: [0, 0, 10, 10] });
    vi.advanceTimersByTime(1000);
    wishes.setNeed({ exact: false, region: "whole" });
    vi.advanceTimersByTime(1000);
    wishes.setNeed({ exact: false, region: null });
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([
      { crop: [100, 200, 200, 150] },
      { format: "exact", crop: [0, 0, 300, 350] },
      { format: "auto", crop: null },
      { crop: [100, 200, 200, 150] },
    ]);
  });

  it("is the format that a person chose, whatever is needed", () => {
    wishes.setNeed({ exact: true, region: null });
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([{ format: "exact" }]);
    wishes.setFormat("preview");
    expect(wishes.current().format).toBe("preview");
    wishes.setNeed({ exact: false, region: null });
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(1);
  });

  it("is levels that a person chose, five times a second while they are dragged", () => {
    for (let low = 0; low < 100; low++) {
      wishes.setLevels({ mode: "manual", low, high: 200 });
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(1000);
    expect(sent.length).toBeLessThanOrEqual(6);
    expect(sent[sent.length - 1]).toEqual({ levels: [99, 200] });
    wishes.setLevels(AUTO_LEVELS);
    expect(sent[sent.length - 1]).toEqual({ levels: null });
  });

  it("is never a pair of levels that the server would close the connection for", () => {
    for (const [low, high] of [
      [-1e308, 1e308],
      [5, 5],
      [6, 5],
      [Number.NaN, 1],
    ] as const) {
      wishes.setLevels({ mode: "manual", low, high });
      expect(wishes.current().levels).toBeNull();
    }
  });

  it("is not told twice after a new connection was told all", () => {
    wishes.setImage(600, 800, true);
    wishes.setView(ENLARGED);
    wishes.setCursor({ row: 250, column: 150 });
    expect(wishes.current()).toEqual({
      format: "auto",
      picture: [400, 300],
      crop: [100, 200, 200, 150],
      levels: null,
      hover: [150, 250],
    });
    const before = sent.length;
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(before);
  });
});

describe("the levels that the server makes previews with", () => {
  const MINMAX = { ...(AUTO_LEVELS as Extract<Levels, { mode: "auto" }>), rule: "minmax" as const };

  it("are those drawn, of rules that it does not know, while previews come", () => {
    wishes.setLevels(MINMAX);
    wishes.setImage(600, 800, false);
    wishes.setDrawnLevels([3, 900]);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([]);
    wishes.setImage(600, 800, true);
    wishes.setDrawnLevels([3, 900]);
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual([{ levels: [3, 900] }]);
    wishes.setLevels(AUTO_LEVELS);
    vi.advanceTimersByTime(1000);
    wishes.setLevels({ mode: "full" });
    vi.advanceTimersByTime(1000);
    expect(sent.slice(1)).toEqual([{ levels: null }, { levels: [3, 900] }]);
    wishes.forgetImage();
    expect(wishes.current().levels).toBeNull();
  });

  it("reach one gray beyond those of the user where that is seen", () => {
    wishes.setLevels({ mode: "manual", low: 100, high: 100 + 253 }, true);
    expect(sent).toEqual([{ levels: [99, 354] }]);
    expect(showsBeyond({ under: null, over: "#ff0000" })).toBe(true);
    expect(showsBeyond({ under: null, over: null })).toBe(false);
  });
});
