import { describe, expect, it } from "vitest";
import { reticleCentre, reticleTicks } from "./reticle";

describe("the reticle", () => {
  it("lies at the first marker, else in the middle of the image", () => {
    expect(reticleCentre(null, { width: 40, height: 31 })).toEqual({ x: 19.5, y: 15 });
    expect(reticleCentre({ x: 3, y: 4 }, { width: 40, height: 31 })).toEqual({ x: 3, y: 4 });
  });

  it("has ticks in round distances from its centre", () => {
    expect(reticleTicks({ kind: "pixel" }, 19.5, [-0.5, 39.5], 5)).toEqual([
      { index: 9.5, label: "-10" },
      { index: 29.5, label: "10" },
    ]);
  });

  it("has them in units, where the axis descends too", () => {
    const axis = { kind: "linear", origin: 300, step: -2, unit: "um" } as const;
    expect(reticleTicks(axis, 10, [0, 20], 3)).toEqual([]);
    expect(reticleTicks(axis, 10, [-1, 21], 3)).toEqual([
      { index: 20, label: "-20" },
      { index: expect.closeTo(0, 9), label: "20" },
    ]);
  });
});
