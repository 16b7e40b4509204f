import { describe, expect, it } from "vitest";
import { axisAt } from "../../analysis/axis";
import type { ArrayValue } from "../../contract";
import { AxisSource, calibratedBy, OWN_CALIBRATION, parseStep } from "./calibration";
import { typedNumber } from "../typed-number";

const OF = { of: [3, 4] as [number, number] };

function arrays(x: number[], y: number[]): { arrays: Map<string, ArrayValue> } {
  const array = (values: number[]): ArrayValue => ({
    dtype: "float64",
    shape: [values.length],
    values: Float64Array.from(values),
  });
  return { arrays: new Map([["x_axis", array(x)], ["y_axis", array(y)]]) };
}

describe("axes from the stream", () => {
  const settings = { calibration: { kind: "stream" } as const };

  it("are taken where they fit the image", () => {
    const axes = new AxisSource().axesFor(settings, OF, arrays([-2, -1, 0, 1], [9, 6, 3]));
    expect(axes.x).toMatchObject({ kind: "values", unit: "um", name: "x_axis" });
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

  it("are not those of an image of another size", () => {
    const source = new AxisSource();
    source.axesFor(settings, OF, arrays([0, 1, 2, 3], [0, 1, 2]));
    expect(source.axesFor(settings, { of: [3, 5] }, null).x.kind).toBe("pixel");
  });
});

describe("a calibration of one's own", () => {
  it("has its zero at the origin and may descend", () => {
    const source = new AxisSource();
    const settings = { calibration: { ...OWN_CALIBRATION, origin: { x: 2, y: 1 }, stepX: 5, stepY: -4 } };
    const axes = source.axesFor(settings, OF, null);
    expect([axisAt(axes.x, 2), axisAt(axes.x, 3), axisAt(axes.y, 0)]).toEqual([0, 5, 4]);
    expect(source.axesFor({ calibration: { ...settings.calibration } }, OF, null)).toBe(axes);
  });

  it("is made of two places and their distance", () => {
    const own = { ...OWN_CALIBRATION, stepY: -1, origin: { x: 7, y: 8 } };
    expect(calibratedBy(own, { x: 0, y: 0 }, { x: 30, y: 40 }, 100, "mm")).toEqual({
      ...own, stepX: 2, stepY: -2, unit: "mm",
    });
    expect(calibratedBy(own, { x: 1, y: 1 }, { x: 1, y: 1 }, 100, "mm")).toBeNull();
    expect(calibratedBy({ kind: "pixel" }, { x: 0, y: 0 }, { x: 1, y: 0 }, 0, "mm")).toBeNull();
  });
});

describe("numbers as they are typed", () => {
  it.each([["1.5", 1.5], [" 2,5 ", 2.5], ["−3", -3], ["1e-3", 0.001], ["", null], ["abc", null], ["Infinity", null]])(
    "%s", (text, value) => expect(typedNumber(text)).toBe(value),
  );

  it("has no step of zero", () => expect(parseStep("0")).toBeNull());
});
