import { describe, expect, it } from "vitest";
import type { Axis } from "../../contract";
import { lineScale } from "./line-scale";
import { PIXEL_AXES } from "../../ui/stage/measure";

const LINE = { x0: 0, y0: 0, x1: 30, y1: 40, width: 1 };

function linear(step: number, unit = "mm"): Axis {
  return { kind: "linear", origin: 7, step, unit };
}

function values(numbers: number[]): Axis {
  return { kind: "values", values: Float64Array.from(numbers), unit: "um", name: "x_axis" };
}

describe("lengths along a line", () => {
  it("are pixels without axes of one unit", () => {
    for (const axes of [PIXEL_AXES, { x: linear(1), y: linear(1, "s") }, { x: linear(1), y: PIXEL_AXES.y }]) {
      const { at, unit } = lineScale(LINE, axes);
      expect([at(0), at(50), unit]).toEqual([0, 50, "px"]);
    }
  });

  it("follow both steps", () => {
    const even = lineScale(LINE, { x: linear(0.1), y: linear(-0.1) });
    expect(even.unit).toBe("mm");
    expect(even.at(50)).toBeCloseTo(5);
    expect(even.at(25)).toBeCloseTo(2.5);
    expect(lineScale(LINE, { x: linear(1), y: linear(0) }).at(50)).toBeCloseTo(30);
    expect(lineScale({ ...LINE, x1: 0, y1: 0 }, { x: linear(2), y: linear(2) })).toMatchObject({ unit: "mm" });
  });

  it("follow the axes of the stream, also where they descend or their steps are uneven", () => {
    const axes = { x: values([0, 2, 6, 14]), y: values([9, 6, 3, 0]) };
    const { at, unit } = lineScale({ x0: 0, y0: 3, x1: 3, y1: 3, width: 1 }, axes);
    expect([0, 1, 1.5, 2, 3].map(at)).toEqual([0, 2, 4, 6, 14]);
    expect(unit).toBe("µm");
    expect(lineScale({ x0: 1, y0: 0, x1: 1, y1: 3, width: 1 }, axes).at(3)).toBe(9);
  });
});
