import { describe, expect, it } from "vitest";
import type { Orientation, RoiShape } from "../../contract";
import { UPRIGHT } from "../../defaults";
import { Placing } from "./placing";
import { contains, cursorOf, handlesOf, onOutline, partAt, visiblePart } from "./shape-handles";

function placing(scale = 10, orientation: Orientation = UPRIGHT): Placing {
  return new Placing(
    { scale, offsetX: 0, offsetY: 0, orientation },
    { width: 100, height: 60 },
    { width: 1000, height: 600 },
    1,
  );
}

const RECTANGLE: RoiShape = { kind: "rectangle", x: 10, y: 20, width: 30, height: 10 };
const ELLIPSE: RoiShape = { ...RECTANGLE, kind: "ellipse" };
const LINE: RoiShape = { kind: "line", x0: 9.5, y0: 9.5, x1: 29.5, y1: 9.5 };

describe("what lies under a pointer", () => {
  it("is a corner, a side, the inside or nothing", () => {
    const at = (x: number, y: number): unknown => partAt(RECTANGLE, { x, y }, placing(), 7);
    expect(at(103, 197)).toEqual({ kind: "side", x: -1, y: -1 });
    expect(at(400, 300)).toEqual({ kind: "side", x: 1, y: 1 });
    expect(at(250, 302)).toEqual({ kind: "side", x: 0, y: 1 });
    expect(at(300, 250)).toEqual({ kind: "inside" });
    expect(at(320, 302)).toBeNull();
    expect(at(50, 50)).toBeNull();
  });

  it("is nearer with a finger", () => {
    expect(partAt(RECTANGLE, { x: 90, y: 190 }, placing(), 7)).toBeNull();
    expect(partAt(RECTANGLE, { x: 90, y: 190 }, placing(), 18)).toEqual({ kind: "side", x: -1, y: -1 });
  });

  it("is also the inside of a small region", () => {
    expect(partAt({ ...RECTANGLE, width: 12, height: 12 }, { x: 16, y: 26 }, placing(1), 18)).toEqual({
      kind: "inside",
    });
  });

  it("is the round inside of an ellipse", () => {
    expect(partAt(ELLIPSE, { x: 112, y: 212 }, placing(), 7)).toBeNull();
    expect(partAt(ELLIPSE, { x: 250, y: 250 }, placing(), 7)).toEqual({ kind: "inside" });
  });

  it("is an end of a line, or the line", () => {
    expect(partAt(LINE, { x: 299, y: 104 }, placing(), 7)).toEqual({ kind: "point", index: 1 });
    expect(partAt(LINE, { x: 200, y: 104 }, placing(), 7)).toEqual({ kind: "inside" });
    expect(partAt(LINE, { x: 200, y: 110 }, placing(), 7)).toBeNull();
  });

  it("is the outline only of what is not chosen", () => {
    expect(onOutline(RECTANGLE, { x: 103, y: 250 }, placing(), 7)).toBe(true);
    expect(onOutline(RECTANGLE, { x: 250, y: 250 }, placing(), 7)).toBe(false);
    expect(onOutline(ELLIPSE, { x: 250, y: 203 }, placing(), 7)).toBe(true);
    expect(onOutline(ELLIPSE, { x: 103, y: 203 }, placing(), 7)).toBe(false);
  });
});

describe("handles", () => {
  it("lie at the corners and sides; of a small region at the corners", () => {
    expect(handlesOf(RECTANGLE, placing())).toHaveLength(8);
    expect(handlesOf(RECTANGLE, placing(1))).toHaveLength(6);
    expect(handlesOf(LINE, placing())).toHaveLength(2);
  });

  it("turn with the picture", () => {
    const mirrored = placing(10, { transpose: false, mirrorX: true, mirrorY: false });
    const corner = { kind: "side", x: -1, y: -1 } as const;
    expect(cursorOf(RECTANGLE, corner, placing())).toBe("nwse-resize");
    expect(cursorOf(RECTANGLE, corner, mirrored)).toBe("nesw-resize");
    const turned = placing(10, { transpose: true, mirrorX: false, mirrorY: false });
    expect(cursorOf(RECTANGLE, { kind: "side", x: 1, y: 0 }, placing())).toBe("ew-resize");
    expect(cursorOf(RECTANGLE, { kind: "side", x: 1, y: 0 }, turned)).toBe("ns-resize");
    expect(handlesOf(RECTANGLE, mirrored)[0]?.at).toEqual({ x: 900, y: 200 });
  });
});

describe("an outline", () => {
  it("contains what lies in it, also with a notch", () => {
    const notched = [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 10 },
      { x: 5, y: 2 },
      { x: 0, y: 10 },
    ];
    expect(contains(notched, { x: 1, y: 5 })).toBe(true);
    expect(contains(notched, { x: 5, y: 5 })).toBe(false);
    expect(contains(notched, { x: 11, y: 5 })).toBe(false);
  });
});

describe("the visible part", () => {
  const at = (offsetX: number, offsetY: number, orientation = UPRIGHT): Placing =>
    new Placing(
      { scale: 10, offsetX, offsetY, orientation },
      { width: 100, height: 60 },
      { width: 500, height: 300 },
      1,
    );

  it("ends at the stage and at the image", () => {
    expect(visiblePart(at(0, 0))).toEqual({ x: -0.5, y: -0.5, width: 50, height: 30 });
    expect(visiblePart(at(-700, -100))).toEqual({ x: 69.5, y: 9.5, width: 30, height: 30 });
    expect(visiblePart(at(0, 0, { transpose: false, mirrorX: true, mirrorY: false }))).toMatchObject({
      x: 49.5,
      width: 50,
    });
  });

  it("is all of an image that lies beside the stage", () => {
    expect(visiblePart(at(-5000, 0))).toEqual({ x: -0.5, y: -0.5, width: 100, height: 60 });
  });
});
