import { describe, expect, it } from "vitest";
import { rangeOf, traceCurve, type EdgeCurve } from "./edge-curve";

function traced(curve: Partial<EdgeCurve> & Pick<EdgeCurve, "values">): string[] {
  const said: string[] = [];
  const say = (what: string) => (x: number, y: number) => void said.push(`${what} ${x} ${y}`);
  const whole = { start: 0, step: 1, from: 0, to: 1000, across: (value: number) => -value, horizontal: true, ...curve };
  traceCurve({ moveTo: say("move"), lineTo: say("line") }, whole);
  return said;
}

describe("a curve along an edge", () => {
  it("goes through its points, in either direction", () => {
    expect(traced({ values: [1, 2, 3], start: 5, step: 10 })).toEqual(["move 5 -1", "line 15 -2", "line 25 -3"]);
    expect(traced({ values: [1, 2], start: 5, step: -2, horizontal: false })).toEqual(["move -1 5", "line -2 3"]);
  });

  it("has gaps where there is no number", () => {
    expect(traced({ values: [1, NaN, 3, Infinity, 5, 6], step: 2 })).toEqual([
      "move 0 -1",
      "move 4 -3",
      "move 8 -5",
      "line 10 -6",
    ]);
  });

  it("is not drawn beside the stage, but to its edges", () => {
    expect(traced({ values: [0, 1, 2, 3, 4, 5], step: 10, from: 20, to: 30 })).toEqual([
      "move 10 -1",
      "line 20 -2",
      "line 30 -3",
      "line 40 -4",
    ]);
  });

  it("keeps its peaks where many values share a pixel of the screen", () => {
    const values = Array.from({ length: 1000 }, (_, index) => (index === 437 ? 99 : 0));
    const said = traced({ values, step: 0.1 });
    expect(said).toContain("line 43.7 -99");
    expect(said.length).toBeLessThan(220);
  });
});

describe("the range", () => {
  it("is that of all finite values of all curves", () => {
    expect(rangeOf([3, NaN, 1], null, undefined, [Infinity, 7])).toEqual([1, 7]);
    expect(rangeOf([NaN], null)).toBeNull();
  });
});
