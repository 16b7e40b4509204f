import { describe, expect, it } from "vitest";
import { barLengths, countsAlong } from "./histogram-view";
import type { ValueAxis } from "./value-axis";

function axis(low: number, high: number, kind: ValueAxis["kind"] = "linear"): ValueAxis {
  return { kind, low, high, knee: 1 };
}
const histogram = { counts: Float64Array.of(5, 0, 2, 9), low: 10, width: 5 };

describe("counts along the axis", () => {
  it("lie at their values, with nothing beyond the bins", () => {
    expect([...countsAlong(histogram, axis(0, 40), 8)]).toEqual([0, 0, 5, 0, 2, 9, 0, 0]);
  });

  it("are the largest of the bins at a place, and one bin at several places", () => {
    expect([...countsAlong(histogram, axis(10, 30), 2)]).toEqual([5, 9]);
    expect([...countsAlong(histogram, axis(10, 20), 4)]).toEqual([5, 5, 0, 0]);
  });

  it("follow a logarithmic axis", () => {
    const decades = { counts: Float64Array.from({ length: 1000 }, (_, bin) => bin), low: 0, width: 1 };
    expect([...countsAlong(decades, axis(1, 1000, "log"), 3)]).toEqual([9, 99, 999]);
  });

  it("are none without bins", () => {
    expect([...countsAlong({ counts: new Float64Array(0), low: 0, width: 1 }, axis(0, 1), 2)]).toEqual([0, 0]);
    expect([...countsAlong({ counts: Float64Array.of(3), low: 0, width: 0 }, axis(0, 1), 2)]).toEqual([0, 0]);
  });
});

describe("lengths of the bars", () => {
  it("reach the end for the largest count", () => {
    expect([...barLengths(Float64Array.of(0, 5, 10), false)]).toEqual([0, 0.5, 1]);
  });

  it("show a single pixel among millions when they are logarithmic", () => {
    const [none, one, many] = barLengths(Float64Array.of(0, 1, 4e6), true);
    expect(none).toBe(0);
    expect(one).toBeGreaterThan(0.05);
    expect(many).toBe(1);
    expect([...barLengths(new Float64Array(2), true)]).toEqual([0, 0]);
  });
});
