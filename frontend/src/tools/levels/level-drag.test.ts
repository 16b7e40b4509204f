import { describe, expect, it } from "vitest";
import { draggedLevels, type LevelDrag, roundedAt, steppedLevels } from "./level-drag";
import type { ValueAxis } from "./value-axis";

const EVEN: ValueAxis = { kind: "linear", low: 0, high: 1000, knee: 1 };
const LOG: ValueAxis = { kind: "log", low: 1, high: 10000, knee: 1 };

function drag(part: LevelDrag["part"], from: number, axis = EVEN): LevelDrag {
  return { part, from, axis, levels: [200, 600] };
}

describe("dragging", () => {
  it("moves one level by as much as the pointer", () => {
    expect(draggedLevels(drag("high", 0.61), 0.71, 500)).toEqual([200, 700]);
    expect(draggedLevels(drag("low", 0.2), 0.1, 500)).toEqual([100, 600]);
  });

  it("moves both, in equal parts of a logarithmic axis", () => {
    expect(draggedLevels(drag("both", 0.4), 0.5, 500)).toEqual([300, 700]);
    const [low, high] = draggedLevels({ ...drag("both", 0.5, LOG), levels: [10, 100] }, 0.75, 500);
    expect(low).toBeCloseTo(100, 0);
    expect(high).toBeCloseTo(1000, 0);
  });

  it("never lets one level pass the other, and stays on the axis", () => {
    const [low, high] = draggedLevels(drag("low", 0.2), 0.95, 500);
    expect(high).toBe(600);
    expect(low).toBeLessThan(600);
    expect(low).toBeGreaterThan(590);
    expect(draggedLevels(drag("high", 0.6), 5, 500)).toEqual([200, 1000]);
    expect(draggedLevels(drag("both", 0.4), -3, 500)).toEqual([0, 400]);
  });
});

describe("keys", () => {
  it("move a level by a part of the axis", () => {
    expect(steppedLevels(EVEN, [200, 600], "high", 0.01)).toEqual([200, 610]);
    expect(steppedLevels(EVEN, [200, 600], "low", -0.1)).toEqual([100, 600]);
    expect(steppedLevels(LOG, [10, 100], "high", 0.25)).toEqual([10, 1000]);
    expect(steppedLevels({ ...EVEN, high: 2345 }, [0, 2000], "high", -0.1)).toEqual([0, 1766]);
  });

  it("stop at the other level, but not at the end of the axis", () => {
    expect(steppedLevels(EVEN, [595, 600], "low", 0.01)).toEqual([595, 600]);
    expect(steppedLevels(EVEN, [200, 1000], "high", 0.1)).toEqual([200, 1100]);
  });

  it("bring a level of zero onto a logarithmic axis", () => {
    const [low] = steppedLevels(LOG, [0, 100], "low", 0.25);
    expect(low).toBeCloseTo(10, 6);
  });
});

describe("numbers", () => {
  it("have no more figures than the axis has places", () => {
    expect(roundedAt(EVEN, 0.123456, 500)).toBe(123);
    expect(roundedAt({ ...EVEN, high: 1 }, 0.123456, 500)).toBe(0.123);
    expect(roundedAt({ ...EVEN, low: 1e6, high: 1e6 + 1e3 }, 0.5, 400)).toBe(1000500);
    expect(roundedAt(LOG, 0.5, 400)).toBe(100);
  });
});
