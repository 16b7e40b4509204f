import { describe, expect, it } from "vitest";
import type { Axis } from "../../contract";
import { distanceBetween, distanceText, isCalibrated, PIXEL_AXES, positionText, unitText } from "./measure";

const UM: Axis = { kind: "linear", origin: -100, step: 2.5, unit: "um" };
const DOWN: Axis = { kind: "linear", origin: 50, step: -2.5, unit: "um" };
const A = { x: 10, y: 20 };
const B = { x: 13, y: 24 };

describe("what is measured", () => {
  it("is in pixels without a calibration", () => {
    expect(distanceText(distanceBetween(A, B, PIXEL_AXES), true)).toBe("dx 3, dy 4, length 5 px, 53.1°");
    expect(positionText(A, PIXEL_AXES)).toBe("x 10, y 20 px");
    expect(isCalibrated(PIXEL_AXES)).toBe(false);
  });

  it("is on the axes with one, also where they descend", () => {
    const axes = { x: UM, y: DOWN };
    expect(distanceBetween(A, B, axes)).toMatchObject({ dx: 7.5, dy: -10, length: 12.5 });
    expect(positionText(A, axes)).toBe("x -75, y 0 µm");
    expect(isCalibrated(axes)).toBe(true);
  });

  it("is in pixels where the units differ: they are not mixed", () => {
    const axes = { x: UM, y: { kind: "pixel" } as const };
    expect(distanceText(distanceBetween(A, B, axes), true)).toBe("dx 3, dy 4, length 5 px, 53.1°");
    expect(positionText(A, axes)).toBe("x 10, y 20 px");
    expect(isCalibrated(axes)).toBe(false);
  });

  it("has units as they are written", () => {
    expect(["um", "us", "mm", "u", "unit", "px"].map(unitText)).toEqual(["µm", "µs", "mm", "u", "unit", "px"]);
  });
});
