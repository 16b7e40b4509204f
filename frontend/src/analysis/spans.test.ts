import { describe, expect, it } from "vitest";
import type { RoiShape } from "../contract";
import { roiBox, spans } from "./spans";

/** A picture of the pixels of a shape, one digit each: how often it came. */
function drawn(shape: RoiShape, columns = 10, rows = 6): string[] {
  const picture = Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
  spans(shape, columns, rows, (row, start, end) => {
    for (let column = start; column < end; column++) picture[row]![column]!++;
  });
  return picture.map((row) => row.join("").replaceAll("0", "."));
}

describe("pixels of a shape", () => {
  it("are those of a rectangle, inside of the image", () => {
    expect(drawn({ kind: "rectangle", x: 7, y: -1, width: 5, height: 3 }, 10, 3)).toEqual([
      ".......111",
      ".......111",
      "..........",
    ]);
    expect(drawn({ kind: "rectangle", x: 1, y: 1, width: 0, height: 3 }, 4, 2)).toEqual(["....", "...."]);
  });

  it("are those of an ellipse in its box", () => {
    expect(drawn({ kind: "ellipse", x: 1, y: 0, width: 8, height: 5 }, 10, 5)).toEqual([
      "...1111...",
      ".11111111.",
      ".11111111.",
      ".11111111.",
      "...1111...",
    ]);
    expect(drawn({ kind: "ellipse", x: 1, y: 1, width: 1, height: 1 }, 3, 3)).toEqual(["...", ".1.", "..."]);
    expect(drawn({ kind: "ellipse", x: -3, y: -3, width: 6, height: 6 }, 4, 4)).toEqual([
      "111.",
      "111.",
      "11..",
      "....",
    ]);
  });

  it("are those inside of a polygon by the even-odd rule", () => {
    // A frame: around a box, and around its hole from the same corner.
    const outer: [number, number][] = [
      [0.5, 0.5],
      [7.5, 0.5],
      [7.5, 4.5],
      [0.5, 4.5],
      [0.5, 0.5],
    ];
    const hole: [number, number][] = [
      [2.5, 1.5],
      [5.5, 1.5],
      [5.5, 3.5],
      [2.5, 3.5],
      [2.5, 1.5],
    ];
    expect(drawn({ kind: "polygon", points: [...outer, ...hole] })).toEqual([
      "..........",
      ".1111111..",
      ".11...11..",
      ".11...11..",
      ".1111111..",
      "..........",
    ]);
  });

  it("are shared by no two polygons side by side", () => {
    const left: RoiShape = {
      kind: "polygon",
      points: [
        [1, 1],
        [4, 1],
        [6, 4],
        [1, 4],
      ],
    };
    const right: RoiShape = {
      kind: "polygon",
      points: [
        [4, 1],
        [9, 1],
        [9, 4],
        [6, 4],
      ],
    };
    expect(drawn(left, 10, 5)).toEqual(["..........", ".111......", ".1111.....", ".11111....", ".........."]);
    expect(drawn(right, 10, 5)).toEqual(["..........", "....11111.", ".....1111.", "......111.", ".........."]);
  });

  it("are none for less than a triangle", () => {
    expect(drawn({ kind: "polygon", points: [] }, 3, 1)).toEqual(["..."]);
    expect(
      drawn(
        {
          kind: "polygon",
          points: [
            [0, 0],
            [2, 0],
          ],
        },
        3,
        1,
      ),
    ).toEqual(["..."]);
  });

  it("are those along a line, each once and in its direction", () => {
    expect(drawn({ kind: "line", x0: 1, y0: 1, x1: 7.4, y1: 3.2 }, 9, 5)).toEqual([
      ".........",
      ".11......",
      "...111...",
      "......11.",
      ".........",
    ]);
    const order: string[] = [];
    const upwards: RoiShape = { kind: "line", x0: 2, y0: 3, x1: 2, y1: -2 };
    spans(upwards, 4, 4, (row, start, end) => order.push(`${row} ${start}-${end}`));
    expect(order).toEqual(["3 2-3", "2 2-3", "1 2-3", "0 2-3"]);
    expect(drawn({ kind: "line", x0: 1.2, y0: 0.3, x1: 1.2, y1: 0.3 }, 3, 1)).toEqual([".1."]);
  });
});

describe("box around a shape", () => {
  it("is of whole pixels and inside of the image", () => {
    expect(roiBox({ kind: "rectangle", x: 2, y: 1, width: 3, height: 2 }, 10, 6)).toEqual([2, 1, 3, 2]);
    expect(roiBox({ kind: "ellipse", x: -2, y: 4, width: 5, height: 9 }, 10, 6)).toEqual([0, 4, 3, 2]);
    expect(
      roiBox(
        {
          kind: "polygon",
          points: [
            [1.6, 2.4],
            [5.5, 0.2],
            [3, 4.4],
          ],
        },
        10,
        6,
      ),
    ).toEqual([2, 0, 5, 5]);
    expect(roiBox({ kind: "line", x0: 8, y0: 3, x1: 2.4, y1: 3 }, 10, 6)).toEqual([2, 3, 7, 1]);
  });

  it("is nothing for a shape beside the image, or without points", () => {
    for (const [x, y] of [
      [10, 0],
      [-3, 0],
      [0, 6],
      [0, -2],
    ] as const) {
      const [, , width, height] = roiBox({ kind: "rectangle", x, y, width: 3, height: 2 }, 10, 6);
      expect(width * height).toBe(0);
    }
    expect(roiBox({ kind: "polygon", points: [] }, 10, 6)).toEqual([0, 0, 0, 0]);
  });
});
