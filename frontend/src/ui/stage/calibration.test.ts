import { describe, expect, it } from "vitest";
import { axisAt } from "../../analysis/axis";
import type { ArrayValue } from "../../contract";
import {
  arePixelNumbers,
  AxisSource,
  calibratedBy,
  NO_OWN,
  ownFromAxes,
  parseStep,
  wholeCalibration,
} from "./calibration";
import { typedNumber } from "../typed-number";

const OF = { of: [3, 4] as [number, number] };

function arrays(x: number[], y: number[]): { arrays: Map<string, ArrayValue> } {
  const array = (values: number[]): ArrayValue => ({
    dtype: "float64",
    shape: [values.length],
    values: Float64Array.from(values),
  });
  return {
    arrays: new Map([
      ["x_axis", array(x)],
      ["y_axis", array(y)],
    ]),
  };
}

describe("axes from the stream", () => {
  const settings = { calibration: { kind: "stream" } as const };

  it("are taken where they fit the image", () => {
    const axes = new AxisSource().axesFor(settings, OF, arrays([-2, -1, 0, 1], [9, 6, 3]));
    expect(axes.x).toMatchObject({ kind: "values", unit: "µm", name: "x_axis" });
    expect(axisAt(axes.y, 2)).toBe(3);
  });

  it("are pixels where they do not", () => {
    const source = new AxisSource();
    expect(source.axesFor(settings, OF, arrays([1, 2, 3], [1, 2, 2])).x.kind).toBe("pixel");
    expect(source.axesFor(settings, OF, arrays([1, 2, 3], [1, 2, 2])).y.kind).toBe("pixel");
    expect(source.axesFor(settings, OF, { arrays: new Map() }).x.kind).toBe("pixel");
  });

  it("stay the same objects while their numbers do", () => {
    const source = new AxisSource();
    const first = source.axesFor(settings, OF, arrays([0, 1, 2, 3], [0, 1, 2]));
    expect(source.axesFor(settings, OF, arrays([0, 1, 2, 3], [0, 1, 2]))).toBe(first);
    expect(source.axesFor(settings, OF, null)).toBe(first);
    expect(source.axesFor(settings, null, null)).toBe(first);
    const moved = source.axesFor(settings, OF, arrays([0, 1, 2, 4], [0, 1, 2]));
    expect(moved).not.toBe(first);
    expect(moved.y).toBe(first.y);
  });

  it("are pixels of the camera where the stream says so, although each stands for several", () => {
    const scalars = new Map([["x_axis_unit", { state: "value", dtype: "string", value: "px" } as const]]);
    const axes = new AxisSource().axesFor(settings, OF, { ...arrays([0, 2, 4, 6], [0, 2, 4]), scalars });
    expect(axes.x).toMatchObject({ kind: "values", unit: "camera px" });
    expect(axes.y).toMatchObject({ kind: "values", unit: "µm" });
  });

  it("are not those of an image of another size", () => {
    const source = new AxisSource();
    source.axesFor(settings, OF, arrays([0, 1, 2, 3], [0, 1, 2]));
    expect(source.axesFor(settings, { of: [3, 5] }, null).x.kind).toBe("pixel");
  });
});

describe("a calibration of one's own", () => {
  it("has its zero at the origin and may descend", () => {
    const source = new AxisSource();
    const settings = {
      calibration: { kind: "manual" as const, origin: { x: 2, y: 1 }, stepX: 5, stepY: -4, unit: "um" },
    };
    const axes = source.axesFor(settings, OF, null);
    expect([axisAt(axes.x, 2), axisAt(axes.x, 3), axisAt(axes.y, 0)]).toEqual([0, 5, 4]);
    expect(source.axesFor({ calibration: { ...settings.calibration } }, OF, null)).toBe(axes);
  });

  it("is made of two places and their distance", () => {
    const own = { kind: "manual" as const, stepX: 1, stepY: -1, origin: { x: 7, y: 8 }, unit: "um" };
    expect(calibratedBy(own, { x: 0, y: 0 }, { x: 30, y: 40 }, 100, "mm")).toEqual({
      ...own,
      stepX: 2,
      stepY: -2,
      unit: "mm",
    });
    expect(calibratedBy(own, { x: 1, y: 1 }, { x: 1, y: 1 }, 100, "mm")).toBeNull();
    expect(calibratedBy(NO_OWN, { x: 0, y: 0 }, { x: 1, y: 0 }, 0, "mm")).toBeNull();
  });
});

describe("a calibration of one's own that begins", () => {
  it("takes the steps, the zero and the unit of the stream's axes", () => {
    const axes = new AxisSource().axesFor({ calibration: { kind: "stream" } }, OF, arrays([30, 20, 10, 0], [-4, 0, 4]));
    expect(ownFromAxes(axes)).toEqual({ kind: "manual", origin: { x: 3, y: 1 }, stepX: -10, stepY: 4, unit: "µm" });
  });

  it("is empty without them, and no calibration until steps and unit are given", () => {
    expect(ownFromAxes({ x: { kind: "pixel" }, y: { kind: "pixel" } })).toBeNull();
    expect(wholeCalibration(NO_OWN)).toBeNull();
    expect(wholeCalibration({ ...NO_OWN, stepX: 2, unit: "mm" })).toBeNull();
    expect(wholeCalibration({ ...NO_OWN, stepX: 2, stepY: 3, unit: "mm" })).toEqual({
      kind: "manual",
      origin: { x: 0, y: 0 },
      stepX: 2,
      stepY: 3,
      unit: "mm",
    });
  });
});

describe("axes that count pixels", () => {
  it("are pixels, not micrometres", () => {
    const source = new AxisSource();
    const settings = { calibration: { kind: "stream" } as const };
    const whole = source.axesFor(settings, OF, arrays([0, 1, 2, 3], [0, 1, 2]));
    expect([whole.x, whole.y]).toEqual([{ kind: "pixel" }, { kind: "pixel" }]);
    // Of a part of an image, and of a mirrored one.
    const part = source.axesFor(settings, OF, arrays([70, 71, 72, 73], [2, 1, 0]));
    expect([part.x, part.y]).toMatchObject([
      { kind: "values", unit: "camera px" },
      { kind: "values", unit: "camera px" },
    ]);
    expect(ownFromAxes(part)).toBeNull();
  });

  it.each([
    [[0, 1, 2], true],
    [[5, 4, 3], true],
    [[-1, 0, 1], false],
    [[0, 2, 4], false],
    [[0.5, 1.5], false],
    [[0, 1, 3], false],
    [[7], false],
  ])("%s: %s", (positions, expected) => expect(arePixelNumbers(positions)).toBe(expected));
});

describe("numbers as they are typed", () => {
  it.each([
    ["1.5", 1.5],
    [" 2,5 ", 2.5],
    ["−3", -3],
    ["1e-3", 0.001],
    ["", null],
    ["abc", null],
    ["Infinity", null],
  ])("%s", (text, value) => expect(typedNumber(text)).toBe(value));

  it("has no step of zero", () => expect(parseStep("0")).toBeNull());
});
