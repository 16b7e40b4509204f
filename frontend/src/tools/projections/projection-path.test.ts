import { describe, expect, it } from "vitest";
import { extremes, Trace } from "./projection-path";

function points(trace: Trace): [number, number, number][] {
  return Array.from({ length: trace.count }, (_, index) => [trace.at[index]!, trace.low[index]!, trace.high[index]!]);
}

describe("a profile on the screen", () => {
  it("has each value where a value is wider than a pixel of the screen", () => {
    const trace = new Trace();
    trace.follow(Float64Array.of(1, 5, 2), 10, 4, 0, 100);
    expect(points(trace)).toEqual([
      [10, 1, 1],
      [14, 5, 5],
      [18, 2, 2],
    ]);
  });

  it("ascends along the screen for a mirrored picture", () => {
    const trace = new Trace();
    trace.follow(Float64Array.of(1, 5, 2), 18, -4, 0, 100);
    expect(points(trace)).toEqual([
      [10, 2, 2],
      [14, 5, 5],
      [18, 1, 1],
    ]);
  });

  it("keeps the extremes of each pixel of the screen of a wide image", () => {
    const values = new Float64Array(4000).fill(1);
    values[1234] = 99;
    values[1236] = -7;
    const trace = new Trace();
    trace.follow(values, 0.05, 0.1, 0, 400);
    expect(trace.count).toBe(400);
    expect(points(trace)[123]).toEqual([123.5, -7, 99]);
    expect(points(trace)[122]).toEqual([122.5, 1, 1]);
  });

  it("leaves out what is beside the stage, but for one neighbour", () => {
    const trace = new Trace();
    trace.follow(
      Float64Array.from({ length: 100 }, (_, index) => index),
      0,
      10,
      200,
      240,
    );
    expect(points(trace).map(([at]) => at)).toEqual([190, 200, 210, 220, 230, 240, 250]);
  });

  it("leaves out what is not finite", () => {
    const trace = new Trace();
    trace.follow(Float64Array.of(1, Number.NaN, Infinity, 2), 0, 5, 0, 100);
    expect(points(trace)).toEqual([
      [0, 1, 1],
      [15, 2, 2],
    ]);
  });

  it("is empty without room", () => {
    const trace = new Trace();
    trace.follow(Float64Array.of(1, 2), 0, 5, 10, 10);
    expect(trace.count).toBe(0);
    trace.follow(Float64Array.of(1, 2), 0, 5, 400, 500);
    expect(trace.count).toBe(0);
  });
});

describe("extremes", () => {
  it("counts finite values only", () => {
    expect(extremes(Float64Array.of(Number.NaN, 3, -1, Infinity))).toEqual([-1, 3]);
    expect(extremes(Float64Array.of(Number.NaN))).toBeNull();
  });
});
