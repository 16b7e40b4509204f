import { describe, expect, it } from "vitest";
import {
  around,
  canvasSize,
  carried,
  centred,
  clamped,
  fill,
  fit,
  fitScale,
  focusOf,
  pan,
  pinch,
  pixelAt,
  resized,
  viewOf,
  zoomAt,
  type Point,
} from "./view";

const canvas = { width: 1000, height: 600 };
const image = { width: 640, height: 480 };

/** Image coordinates under a point of the canvas. */
function under(view: { scale: number; offsetX: number; offsetY: number }, at: Point): Point {
  return { x: (at.x - view.offsetX) / view.scale, y: (at.y - view.offsetY) / view.scale };
}

describe("fit", () => {
  it("shows the whole picture, centred, with its aspect ratio", () => {
    const view = fit(canvas, image);
    expect(view.scale).toBe(1.25);
    expect(view.offsetX).toBe(100);
    expect(view.offsetY).toBe(0);
  });

  it("is bounded by the width when the picture is wider than the canvas", () => {
    expect(fitScale({ width: 100, height: 1000 }, { width: 200, height: 10 })).toBe(0.5);
  });

  it("enlarges a single pixel to the canvas", () => {
    expect(fit(canvas, { width: 1, height: 1 })).toEqual({ scale: 600, offsetX: 200, offsetY: 0 });
  });
});

describe("zoomAt", () => {
  it("keeps the point of the picture under the cursor", () => {
    const at = { x: 333, y: 222 };
    const before = fit(canvas, image);
    const after = zoomAt(before, 3, at, canvas, image);
    expect(after.scale).toBeCloseTo(3.75);
    expect(under(after, at).x).toBeCloseTo(under(before, at).x);
    expect(under(after, at).y).toBeCloseTo(under(before, at).y);
  });

  it("undoes itself", () => {
    const before = fit(canvas, image);
    const back = zoomAt(zoomAt(before, 2, { x: 500, y: 300 }, canvas, image), 0.5, { x: 500, y: 300 }, canvas, image);
    expect(back.scale).toBeCloseTo(before.scale);
    expect(back.offsetX).toBeCloseTo(before.offsetX);
    expect(back.offsetY).toBeCloseTo(before.offsetY);
  });

  it("ends at a largest and a smallest scale", () => {
    expect(zoomAt(fit(canvas, image), 1e9, { x: 0, y: 0 }, canvas, image).scale).toBe(128);
    expect(zoomAt(fit(canvas, image), 1e-9, { x: 0, y: 0 }, canvas, image).scale).toBeCloseTo(1.25 / 4);
  });
});

describe("pan", () => {
  it("moves the picture", () => {
    expect(pan(fit(canvas, image), 10, -20, canvas, image)).toEqual({ scale: 1.25, offsetX: 110, offsetY: -20 });
  });

  it("never loses the picture", () => {
    const far = pan(fit(canvas, image), 1e6, -1e6, canvas, image);
    expect(far.offsetX).toBe(canvas.width - 48);
    expect(far.offsetY).toBe(48 - 600);
  });
});

describe("pinch", () => {
  it("keeps both points of the picture under the fingers", () => {
    const before = fit(canvas, image);
    const from: [Point, Point] = [
      { x: 400, y: 300 },
      { x: 600, y: 300 },
    ];
    const to: [Point, Point] = [
      { x: 320, y: 340 },
      { x: 720, y: 340 },
    ];
    const after = pinch(before, from, to, canvas, image);
    expect(after.scale).toBeCloseTo(before.scale * 2);
    for (const finger of [0, 1] as const) {
      expect(under(after, to[finger]).x).toBeCloseTo(under(before, from[finger]).x);
      expect(under(after, to[finger]).y).toBeCloseTo(under(before, from[finger]).y);
    }
  });

  it("survives fingers on the same point", () => {
    const same: [Point, Point] = [
      { x: 5, y: 5 },
      { x: 5, y: 5 },
    ];
    expect(Number.isFinite(pinch(fit(canvas, image), same, same, canvas, image).scale)).toBe(true);
  });
});

describe("pixelAt", () => {
  it("has pixel (0, 0) at the top left, to its last fraction", () => {
    const view = { scale: 10, offsetX: 100, offsetY: 50 };
    expect(pixelAt(view, { x: 100, y: 50 }, image)).toEqual({ row: 0, column: 0 });
    expect(pixelAt(view, { x: 109.9, y: 59.9 }, image)).toEqual({ row: 0, column: 0 });
    expect(pixelAt(view, { x: 110, y: 59.9 }, image)).toEqual({ row: 0, column: 1 });
  });

  it("is null beside the picture", () => {
    const view = fit(canvas, image);
    expect(pixelAt(view, { x: 99, y: 10 }, image)).toBeNull();
    expect(pixelAt(view, { x: 900, y: 10 }, image)).toBeNull();
    expect(pixelAt(view, { x: 500, y: 600 }, image)).toBeNull();
    expect(pixelAt(view, { x: 899.9, y: 599.9 }, image)).toEqual({ row: 479, column: 639 });
  });
});

describe("windows and focus", () => {
  it("keeps the middle of the picture when the canvas changes its size", () => {
    const before = zoomAt(fit(canvas, image), 4, { x: 700, y: 200 }, canvas, image);
    const larger = { width: 1400, height: 500 };
    const after = resized(before, canvas, larger, image);
    expect(after.scale).toBe(before.scale);
    expect(under(after, { x: 700, y: 250 }).x).toBeCloseTo(under(before, { x: 500, y: 300 }).x);
    expect(under(after, { x: 700, y: 250 }).y).toBeCloseTo(under(before, { x: 500, y: 300 }).y);
  });

  it("gives the same part of the picture back from a focus, also in another window", () => {
    const view = zoomAt(fit(canvas, image), 4, { x: 700, y: 200 }, canvas, image);
    const focus = focusOf(view, canvas, image);
    expect(focus.zoom).toBeCloseTo(4);
    expect(viewOf(focus, canvas, image).offsetX).toBeCloseTo(view.offsetX);
    const phone = { width: 400, height: 300 };
    expect(focusOf(viewOf(focus, phone, image), phone, image).x).toBeCloseTo(focus.x);
  });

  it("brings a focus from outside of the picture back to it", () => {
    const view = viewOf({ x: 1e6, y: -1e6, zoom: 1e6 }, canvas, image);
    expect(view).toEqual(clamped(view, canvas, image));
  });

  it("centres at any scale", () => {
    expect(under(centred(canvas, image, 7), { x: 500, y: 300 })).toEqual({ x: 320, y: 240 });
  });
});

describe("parts of the picture", () => {
  it("fill the canvas, centred", () => {
    const view = fill(canvas, image);
    expect(view.scale).toBe(1000 / 640);
    expect(under(view, { x: 500, y: 300 })).toEqual({ x: 320, y: 240 });
  });

  it("are as large as they fit, in the middle", () => {
    const view = around({ x: 400, y: 100, width: 100, height: 120 }, canvas, image);
    expect(view.scale).toBe(5);
    expect(under(view, { x: 500, y: 300 })).toEqual({ x: 450, y: 160 });
  });

  it("end where zooming in does", () => {
    const view = around({ x: 10, y: 10, width: 1, height: 1 }, canvas, image);
    expect(view.scale).toBe(128);
    expect(under(view, { x: 500, y: 300 })).toEqual({ x: 10.5, y: 10.5 });
  });

  it("stay the same of an image with fewer pixels, if its aspect does", () => {
    const before = zoomAt(fit(canvas, image), 3, { x: 700, y: 200 }, canvas, image);
    const binned = { width: 320, height: 240 };
    const after = carried(before, canvas, image, binned)!;
    expect(after.scale).toBeCloseTo(2 * before.scale, 9);
    const [there, here] = [under(before, { x: 0, y: 600 }), under(after, { x: 0, y: 600 })];
    expect([here.x * 2, here.y * 2]).toEqual([expect.closeTo(there.x, 6), expect.closeTo(there.y, 6)]);
    expect(carried(before, canvas, image, { width: 480, height: 640 })).toBeNull();
  });
});

describe("canvasSize", () => {
  it("has the pixels of the screen, whatever their ratio to those of CSS", () => {
    expect(canvasSize(300, 200, 1.5)).toEqual({ width: 450, height: 300, ratio: 1.5 });
    expect(canvasSize(301, 200, 2.5)).toEqual({ width: 752, height: 500, ratio: 2.5 });
    expect(canvasSize(300, 200, 3)).toEqual({ width: 900, height: 600, ratio: 3 });
    expect(canvasSize(300, 200, 0.8)).toEqual({ width: 300, height: 200, ratio: 1 });
  });

  it("has a part of them where they are too many to be drawn, and never none", () => {
    const { width, height, ratio } = canvasSize(3000, 2000, 3);
    expect(width * height).toBeLessThanOrEqual(4320 * 2880);
    expect(ratio).toBe(1);
    expect(canvasSize(1900, 1000, 3).ratio).toBe(1.5);
    expect(canvasSize(0, 0, 1)).toMatchObject({ width: 1, height: 1 });
  });
});
