import { describe, expect, it } from "vitest";
import type { ArrayValue } from "../../contract";
import { axisByName, axisChoices, axisOrder, axisUnit } from "./curve-axis";

function array(...shape: number[]): ArrayValue {
  return { dtype: "float64", shape, values: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

describe("the axis of a curve", () => {
  it.each([
    ["x_profile", "x_axis"],
    ["y_profile", "y_axis"],
    ["gr_x_profile", "gr_x_axis"],
    ["x_fit_gauss_function", "x_axis"],
    ["gr_y_fit_gauss_function", "gr_y_axis"],
    ["CAM1:x_profile", "CAM1:x_axis"],
    ["SARFE10-PSSS059:SPECTRUM_Y", "SARFE10-PSSS059:SPECTRUM_X"],
    ["SPECTRUM_Y", "SPECTRUM_X"],
    ["A.SPECTRUM_Y", "A.SPECTRUM_X"],
  ])("of %s is %s", (curve, axis) => {
    expect(axisByName(curve, ["other", axis])).toBe(axis);
    expect(axisByName(curve, ["other"])).toBeNull();
  });

  it("is none by the name of another prefix, or of nothing alike", () => {
    expect(axisByName("CAM1:x_profile", ["x_axis", "CAM2:x_axis"])).toBeNull();
    expect(axisByName("x_axis", ["x_profile", "y_axis"])).toBeNull();
    expect(axisByName("waveform", ["waveform_axis"])).toBeNull();
  });

  it("may be any other curve of the same length", () => {
    const arrays = new Map([
      ["a", array(5)],
      ["b", array(4)],
      ["c", array(5)],
      ["d", array(5, 1)],
      ["__proto__", array(5)],
    ]);
    expect(axisChoices(arrays, "a", 5)).toEqual(["c", "__proto__"]);
  });

  it("has a unit where its name tells", () => {
    expect(["x_axis", "gr_y_axis", "CAM1:x_axis", "CAM1.gr_x_axis"].map(axisUnit)).toEqual(["µm", "µm", "µm", "µm"]);
    expect(["time_axis", "SPECTRUM_X", "max_x_axis"].map(axisUnit)).toEqual(["", "", ""]);
  });
});

describe("the way of an axis", () => {
  it("is rising or descending, also with steps that stand still", () => {
    expect(axisOrder([1, 2, 2, 5])).toBe("rising");
    expect(axisOrder([5, 2, 2, -1])).toBe("descending");
  });

  it("is refused with a word where no curve can be drawn over it", () => {
    expect(axisOrder([1, 3, 2])).toEqual({ refused: "goes back and forth" });
    expect(axisOrder([1, 1])).toEqual({ refused: "does not change" });
    expect(axisOrder([7])).toEqual({ refused: "does not change" });
    expect(axisOrder([])).toEqual({ refused: "does not change" });
    expect(axisOrder([1, NaN, 3])).toEqual({ refused: "has values that are no numbers" });
    expect(axisOrder([1, Infinity])).toEqual({ refused: "has values that are no numbers" });
  });
});
