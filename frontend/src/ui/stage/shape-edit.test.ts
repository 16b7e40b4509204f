import { describe, expect, it } from "vitest";
import type { RoiShape } from "../../contract";
import { changed, fromDrag, inTheMiddle, moved } from "./shape-edit";

const IMAGE = { width: 100, height: 60 };
const RECTANGLE: RoiShape = { kind: "rectangle", x: 10, y: 20, width: 30, height: 15 };
const LINE: RoiShape = { kind: "line", x0: 10, y0: 10, x1: 30, y1: 20 };
const POLYGON: RoiShape = {
  kind: "polygon",
  points: [
    [10, 10],
    [20, 10],
    [15, 30],
  ],
};

describe("a shape that is drawn", () => {
  it("has both pixels between which it was drawn, in any direction", () => {
    const box = { kind: "rectangle", x: 3, y: 5, width: 8, height: 5 };
    expect(fromDrag("rectangle", { x: 3.2, y: 4.6 }, { x: 9.7, y: 9.4 }, IMAGE, false)).toEqual(box);
    expect(fromDrag("rectangle", { x: 9.7, y: 9.4 }, { x: 3.2, y: 4.6 }, IMAGE, false)).toEqual(box);
  });

  it("ends at the border of the image", () => {
    expect(fromDrag("ellipse", { x: -20, y: 50 }, { x: 5, y: 500 }, IMAGE, false)).toEqual({
      kind: "ellipse",
      x: 0,
      y: 50,
      width: 6,
      height: 10,
    });
    expect(fromDrag("rectangle", { x: -20, y: 5 }, { x: -3, y: 9 }, IMAGE, false)).toBeNull();
    expect(fromDrag("line", { x: 5, y: 5 }, { x: 500, y: -9 }, IMAGE, false)).toEqual({
      kind: "line",
      x0: 5,
      y0: 5,
      x1: 99.5,
      y1: -0.5,
    });
  });

  it("is as wide as high with Shift, and a line lies level", () => {
    expect(fromDrag("rectangle", { x: 10, y: 10 }, { x: 19, y: 13 }, IMAGE, true)).toMatchObject({
      width: 10,
      height: 10,
    });
    expect(fromDrag("line", { x: 10, y: 10 }, { x: 30, y: 12 }, IMAGE, true)).toMatchObject({ x1: 30, y1: 10 });
  });
});

describe("a shape that is moved", () => {
  it("moves by whole pixels and keeps its size at the border", () => {
    expect(moved(RECTANGLE, 2.4, -1.6, IMAGE)).toEqual({ ...RECTANGLE, x: 12, y: 18 });
    expect(moved(RECTANGLE, 500, -500, IMAGE)).toEqual({ ...RECTANGLE, x: 70, y: 0 });
  });

  it("moves all points together", () => {
    expect(moved(LINE, 1.5, 2, IMAGE)).toEqual({ kind: "line", x0: 11.5, y0: 12, x1: 31.5, y1: 22 });
    expect(moved(POLYGON, -100, 0, IMAGE)).toEqual({
      kind: "polygon",
      points: [
        [-0.5, 10],
        [9.5, 10],
        [4.5, 30],
      ],
    });
  });

  it("stays at the first pixel if it is larger than the image", () => {
    expect(moved({ kind: "rectangle", x: 0, y: 0, width: 200, height: 15 }, 5, 0, IMAGE)).toMatchObject({ x: 0 });
  });
});

describe("a shape that is changed", () => {
  const from = { x: 0, y: 0 };

  it("follows a corner, the opposite one stays", () => {
    const corner = { kind: "side", x: 1, y: 1 } as const;
    expect(changed(RECTANGLE, corner, from, { x: 49.5, y: 39.5 }, IMAGE, false)).toEqual({
      ...RECTANGLE,
      width: 40,
      height: 20,
    });
    const first = { kind: "side", x: -1, y: -1 } as const;
    expect(changed(RECTANGLE, first, from, { x: 4.6, y: 24.4 }, IMAGE, false)).toEqual({
      kind: "rectangle",
      x: 5,
      y: 25,
      width: 35,
      height: 10,
    });
  });

  it("is not changed by a side that is let go where it was", () => {
    for (const [x, y, to] of [
      [1, 1, { x: 39.5, y: 34.5 }],
      [-1, -1, { x: 9.5, y: 19.5 }],
    ] as const)
      expect(changed(RECTANGLE, { kind: "side", x, y }, from, to, IMAGE, false)).toEqual(RECTANGLE);
  });

  it("follows a side in one direction only", () => {
    expect(changed(RECTANGLE, { kind: "side", x: 0, y: 1 }, from, { x: 90, y: 44.5 }, IMAGE, false)).toEqual({
      ...RECTANGLE,
      height: 25,
    });
  });

  it("turns over when a side crosses the opposite one, and never is empty", () => {
    expect(changed(RECTANGLE, { kind: "side", x: 1, y: 0 }, from, { x: 4.5, y: 0 }, IMAGE, false)).toMatchObject({
      x: 5,
      width: 6,
    });
    expect(changed(RECTANGLE, { kind: "side", x: 1, y: 0 }, from, { x: 9.5, y: 0 }, IMAGE, false)).toMatchObject({
      x: 10,
      width: 1,
    });
  });

  it("ends at the border of the image", () => {
    expect(changed(RECTANGLE, { kind: "side", x: 1, y: 0 }, from, { x: 900, y: 0 }, IMAGE, false)).toMatchObject({
      x: 10,
      width: 90,
    });
  });

  it("has one point elsewhere", () => {
    expect(changed(LINE, { kind: "point", index: 1 }, from, { x: 40.126, y: 1000 }, IMAGE, false)).toEqual({
      ...LINE,
      x1: 40.13,
      y1: 59.5,
    });
    expect(changed(POLYGON, { kind: "point", index: 2 }, from, { x: 1, y: 2 }, IMAGE, false)).toMatchObject({
      points: [
        [10, 10],
        [20, 10],
        [1, 2],
      ],
    });
  });
});

describe("a shape that is added by a button", () => {
  it.each(["rectangle", "ellipse", "line", "polygon"] as const)("%s lies in what is seen", (kind) => {
    const shape = inTheMiddle(kind, { x: 40, y: 20, width: 20, height: 10 }, IMAGE);
    expect(shape.kind).toBe(kind);
    const text = JSON.stringify(shape);
    expect(text).not.toContain("null");
    if (shape.kind === "rectangle") expect(shape).toEqual({ kind, x: 47, y: 24, width: 7, height: 4 });
  });
});
