import { describe, expect, it } from "vitest";
import type { Axis } from "../../contract";
import { lineScale } from "./line-scale";
import { PIXEL_AXES } from "../stage/measure";

const LINE = { x0: 0, y0: 0, x1: 30, y1: 40, width: 1 };

function linear(step: number, unit = "mm"): Axis {
  return { kind: "linear", origin: 0, step, unit };
}

describe("lengths along a line", () => {
  it("are pixels without linear axes of one unit", () => {
    expect(lineScale(LINE, PIXEL_AXES)).toEqual({ factor: 1, unit: "px" });
    expect(lineScale(LINE, { x: linear(1), y: linear(1, "s") }).unit).toBe("px");
    expect(lineScale({ ...LINE, x1: 0, y1: 0 }, { x: linear(2), y: linear(2) })).toEqual({ factor: 1, unit: "px" });
  });

  it("follow both steps", () => {
    expect(lineScale(LINE, { x: linear(0.1), y: linear(-0.1) })).toEqual({ factor: 0.1, unit: "mm" });
    expect(lineScale(LINE, { x: linear(1), y: linear(0) }).factor).toBeCloseTo(0.6);
  });
});
