import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../../defaults";
import type { Pipeline, StreamAxis } from "./pipeline";
import { couplingLine, edgeOf, PipelineLayer, placeOf } from "./pipeline-layer";
import { EdgeScales } from "../../ui/stage/edge-scale";
import { Placing } from "../../ui/stage/placing";
import type { ALL_STREAM_PARTS } from "./stream-parts";

function axis(values: number[] | null): StreamAxis {
  const positions = values === null ? null : Float64Array.from(values);
  return { axis: positions, profile: null, fit: null, com: null, rms: null, fwhm: null, fw: null };
}

function pipeline(x: number[] | null, y: number[] | null, more: Partial<Pipeline> = {}): Pipeline {
  return {
    prefix: "",
    x: axis(x),
    y: axis(y),
    goodRegion: null,
    slices: null,
    coupling: null,
    intensity: null,
    min: null,
    max: null,
    parameters: null,
    ...more,
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
  const slices = [
    { x: 2, y: 9, sigma: 1, intensity: 1 },
    { x: 4, y: 3, sigma: 1, intensity: 1 },
  ];
  const coupling = { value: null, slope: 0.5, offset: 1 };

  it("is y = slope * x + offset whichever way the slices lie", () => {
    expect(couplingLine(pipeline(null, null, { slices: { along: "x", length: 1, slices }, coupling }))).toEqual([
      { x: 2, y: 2 },
      { x: 4, y: 3 },
    ]);
    expect(couplingLine(pipeline(null, null, { slices: { along: "y", length: 1, slices }, coupling }))).toEqual([
      { x: 2, y: 2 },
      { x: 4, y: 3 },
    ]);
  });

  it("goes over the horizontal slices that the server fitted, where it sends vertical ones", () => {
    const fitX = { offset: 0, amplitude: 1, mean: 10, sigma: 4, curve: null };
    const goodRegion = { x: 0, y: 0, width: 2, height: 2, fitX, fitY: null, intensity: null };
    expect(
      couplingLine(pipeline(null, null, { slices: { along: "y", length: 1, slices }, coupling, goodRegion })),
    ).toEqual([
      { x: 6, y: 4 },
      { x: 14, y: 8 },
    ]);
  });

  it("is none without slices or coupling", () => {
    expect(couplingLine(pipeline(null, null, { coupling }))).toBeNull();
    expect(couplingLine(pipeline(null, null, { slices: { along: "x", length: 1, slices } }))).toBeNull();
  });
});

describe("the edges", () => {
  const at = (scale: number, offsetX: number, offsetY: number): Placing =>
    new Placing(
      { scale, offsetX, offsetY, orientation: UPRIGHT },
      { width: 100, height: 50 },
      { width: 400, height: 300 },
      1,
    );

  it("are those of a picture that lies within the stage", () => {
    expect(edgeOf(at(2, 100, 60), true)).toEqual({ from: 100, to: 300, base: 158, away: -30 });
    expect(edgeOf(at(2, 100, 60), false)).toEqual({ from: 60, to: 160, base: 102, away: 60 });
  });

  it("are those of the stage where the picture is larger", () => {
    expect(edgeOf(at(10, -100, -50), true)).toMatchObject({ from: 0, to: 400, base: 298 });
    expect(edgeOf(at(10, -100, -50), false)).toMatchObject({ from: 0, to: 300, base: 2 });
  });
});

describe("what is drawn", () => {
  /** Draws and returns the points of all lines, whole CSS pixels. */
  function drawn(
    pipeline: Pipeline,
    parts: Partial<typeof ALL_STREAM_PARTS>,
    transpose = false,
    scales = new EdgeScales(),
  ): string[] {
    const points: string[] = [];
    const say = (x: number, y: number): void => void points.push(`${Math.round(x)} ${Math.round(y)}`);
    const context = new Proxy({ moveTo: say, lineTo: say } as Record<string, unknown>, {
      get: (target, name) => target[name as string] ?? (() => undefined),
      set: () => true,
    }) as unknown as CanvasRenderingContext2D;
    const orientation = { ...UPRIGHT, transpose };
    const view = { scale: 10, offsetX: 0, offsetY: 0, orientation };
    const none = { profiles: false, fit: false, region: false, slices: false, centre: false };
    const layer = new PipelineLayer({ ...none, ...parts }, scales);
    layer.set(pipeline);
    layer.draw(context, new Placing(view, { width: 4, height: 4 }, { width: 40, height: 40 }, 1));
    return points;
  }

  const withProfile = (): Pipeline => {
    const made = pipeline([3, 2, 1, 0], [0, 1, 2, 3]);
    return { ...made, x: { ...made.x, profile: Float64Array.of(0, 0, 10, 0), com: 2 }, y: { ...made.y, com: 3 } };
  };

  it("is the profile of x over the lower edge", () => {
    expect(drawn(withProfile(), { profiles: true })).toEqual(["5 38", "15 38", "25 30", "35 38"]);
  });

  it("is the profile of x along the left edge of a picture that is turned", () => {
    expect(drawn(withProfile(), { profiles: true }, true)).toEqual(["2 5", "2 15", "10 25", "2 35"]);
  });

  it("is on the scale of the page's own profile where that is drawn", () => {
    const scales = new EdgeScales();
    scales.setDrawn("x", { from: 0, to: 40, base: 40, depth: 20, low: -10, high: 30 });
    expect(drawn(withProfile(), { profiles: true }, false, scales)).toEqual(["5 35", "15 35", "25 30", "35 35"]);
    expect(scales.limits("x", [0, 1], 0, true)[1]).toBeGreaterThanOrEqual(10);
    scales.setDrawn("x", { from: 0, to: 40, base: 0, depth: 20, low: -10, high: 30 });
    expect(drawn(withProfile(), { profiles: true }, true, scales)).toEqual(["5 5", "5 15", "10 25", "5 35"]);
  });

  it("is the centre of mass where the axes have it", () => {
    // x = 2 is column 1 of a descending axis, y = 3 is row 3.
    expect(drawn(withProfile(), { centre: true })).toContain("19 35");
    expect(drawn(withProfile(), { centre: true }, true)).toContain("35 19");
  });

  it("is nothing where all is switched off", () => {
    expect(drawn(withProfile(), {})).toEqual([]);
  });
});
