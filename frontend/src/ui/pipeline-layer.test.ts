import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../defaults";
import type { Pipeline, StreamAxis } from "./pipeline";
import { couplingLine, edgeOf, placeOf } from "./pipeline-layer";
import { Placing } from "./placing";

function axis(values: number[] | null): StreamAxis {
  const positions = values === null ? null : Float64Array.from(values);
  return { axis: positions, profile: null, fit: null, com: null, rms: null, fwhm: null, fw: null };
}

function pipeline(x: number[] | null, y: number[] | null, more: Partial<Pipeline> = {}): Pipeline {
  return {
    prefix: "", x: axis(x), y: axis(y), goodRegion: null, slices: null, coupling: null, intensity: null, min: null,
    max: null, parameters: null, ...more,
  };
}

describe("positions in um", () => {
  it("are places in the picture by the axes, also descending ones", () => {
    expect(placeOf(pipeline([10, 0, -10], [0, 4, 8]), { x: -5, y: 2 })).toEqual({ x: 1.5, y: 0.5 });
  });

  it("have no place without both axes", () => {
    expect(placeOf(pipeline([10, 0, -10], null), { x: 0, y: 0 })).toBeNull();
    expect(placeOf(pipeline([5, 5], [1, 2]), { x: 5, y: 1 })).toBeNull();
  });
});

describe("the line through the slices", () => {
  const slices = [{ x: 2, y: 9, sigma: 1, intensity: 1 }, { x: 4, y: 3, sigma: 1, intensity: 1 }];
  const coupling = { value: null, slope: 0.5, offset: 1 };

  it("is the one of the coupling, along the slices", () => {
    expect(couplingLine(pipeline(null, null, { slices: { along: "x", length: 1, slices }, coupling }))).toEqual([
      { x: 2, y: 2 }, { x: 4, y: 3 },
    ]);
    expect(couplingLine(pipeline(null, null, { slices: { along: "y", length: 1, slices }, coupling }))).toEqual([
      { x: 5.5, y: 9 }, { x: 2.5, y: 3 },
    ]);
  });

  it("is none without slices or coupling", () => {
    expect(couplingLine(pipeline(null, null, { coupling }))).toBeNull();
    expect(couplingLine(pipeline(null, null, { slices: { along: "x", length: 1, slices } }))).toBeNull();
  });
});

describe("the edges", () => {
  const at = (scale: number, offsetX: number, offsetY: number): Placing =>
    new Placing({ scale, offsetX, offsetY, orientation: UPRIGHT }, { width: 100, height: 50 }, { width: 400, height: 300 }, 1);

  it("are those of a picture that lies within the stage", () => {
    expect(edgeOf(at(2, 100, 60), true)).toEqual({ from: 100, to: 300, base: 158, away: -30 });
    expect(edgeOf(at(2, 100, 60), false)).toEqual({ from: 60, to: 160, base: 102, away: 60 });
  });

  it("are those of the stage where the picture is larger", () => {
    expect(edgeOf(at(10, -100, -50), true)).toMatchObject({ from: 0, to: 400, base: 298 });
    expect(edgeOf(at(10, -100, -50), false)).toMatchObject({ from: 0, to: 300, base: 2 });
  });
});
