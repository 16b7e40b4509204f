import { describe, expect, it } from "vitest";
import type { Axis } from "../../contract";
import { UPRIGHT } from "../../defaults";
import { mirrored, turned } from "../../render/orientation";
import { ruled } from "./axes";
import { PIXEL_AXES } from "../../ui/stage/measure";
import { Placing } from "../../ui/stage/placing";

const IMAGE = { width: 40, height: 30 };
const STAGE = { width: 400, height: 300 };

function placing(orientation = UPRIGHT, scale = 10, offsetX = 0, offsetY = 0): Placing {
  return new Placing({ scale, offsetX, offsetY, orientation }, IMAGE, STAGE, 1);
}

describe("axes beside the picture", () => {
  it("have round numbers at the centres of their pixels", () => {
    expect(ruled("x", placing(), PIXEL_AXES)).toEqual({
      name: "x",
      unit: "px",
      offset: "",
      ticks: [0, 10, 20, 30].map((value) => ({ at: value * 10 + 5, label: String(value) })),
    });
    expect(ruled("y", placing(), PIXEL_AXES).ticks[1]).toEqual({ at: 55, label: "5" });
  });

  it("follow the zoom, with whole pixels at the closest", () => {
    const near = ruled("x", placing(UPRIGHT, 100, -1000), PIXEL_AXES);
    expect(near.ticks.map(({ label }) => label)).toEqual(["10", "11", "12", "13"]);
    expect(near.ticks[0]).toEqual({ at: 50, label: "10" });
  });

  it("follow the orientation", () => {
    const right = ruled("x", placing(turned(UPRIGHT), 10), PIXEL_AXES);
    // Turned to the right, the last row is the first column.
    expect(right.name).toBe("y");
    expect(right.ticks.map(({ label }) => label)).toEqual(["0", "10", "20"]);
    expect(right.ticks[0]?.at).toBe(295);
    const flipped = ruled("x", placing(mirrored(UPRIGHT, "x")), PIXEL_AXES);
    expect(flipped.ticks.find(({ label }) => label === "0")?.at).toBe(395);
  });

  it("have the numbers of descending axes where they belong", () => {
    const y: Axis = { kind: "linear", origin: 100, step: -5, unit: "um" };
    const { unit, ticks } = ruled("y", placing(), { ...PIXEL_AXES, y });
    expect(unit).toBe("µm");
    expect(ticks.find(({ label }) => label === "0")?.at).toBe(205);
  });

  it("are empty where the picture is not seen", () => {
    expect(ruled("x", placing(UPRIGHT, 10, 500), PIXEL_AXES).ticks).toEqual([]);
  });
});
