import { describe, expect, it } from "vitest";
import {
  axisFor,
  axisTexts,
  axisTicks,
  limitedPartOf,
  partOf,
  type Range,
  type ValueAxis,
  valueAt,
  zoomedAxis,
} from "./value-axis";

const LOG: ValueAxis = { kind: "log", low: 0.5, high: 50000, knee: 1 };
const BOTH: ValueAxis = { kind: "asinh", low: -5000, high: 50000, knee: 10 };
const EVEN: ValueAxis = { kind: "linear", low: -100, high: 300, knee: 1 };

describe("places on the axis", () => {
  it("are even in the value, in its logarithm, or in both directions from zero", () => {
    expect(partOf(EVEN, 0)).toBe(0.25);
    expect(partOf(LOG, 5)).toBeCloseTo(0.2, 12);
    expect(partOf(LOG, 500) - partOf(LOG, 50)).toBeCloseTo(0.2, 12);
    const step = (value: number): number => partOf(BOTH, 10 * value) - partOf(BOTH, value);
    expect(step(1000)).toBeCloseTo(step(500), 3);
    expect(step(-500)).toBeCloseTo(-step(500), 12);
  });

  it.each([EVEN, LOG, BOTH])("lead back to the value: $kind", (axis) => {
    for (const part of [-0.1, 0, 0.3, 1, 1.2]) expect(partOf(axis, valueAt(axis, part))).toBeCloseTo(part, 9);
  });

  it("are at the bottom for what a logarithm does not have", () => {
    expect(limitedPartOf(LOG, 0)).toBe(0);
    expect(limitedPartOf(LOG, -5)).toBe(0);
    expect(limitedPartOf(EVEN, 1e9)).toBe(1);
  });
});

describe("the axis", () => {
  it("holds levels and data with a margin", () => {
    const axis = axisFor(null, "linear", [0, 100], [-10, 190], false);
    expect(axis).toMatchObject({ kind: "linear", low: -26, high: 206 });
  });

  it("leaves out what lies far outside, so that the levels can be taken hold of", () => {
    const axis = axisFor(null, "linear", [0, 60], [0, 65535], false);
    expect(partOf(axis, 60) - partOf(axis, 0)).toBeGreaterThan(0.2);
    expect(axis.high).toBeGreaterThan(200);
  });

  it("rests while data come and go a little", () => {
    const first = axisFor(null, "linear", [0, 100], [0, 110], false);
    expect(axisFor(first, "linear", [1, 99], [0, 115], false)).toBe(first);
    expect(axisFor(first, "linear", [0, 100], [0, 200], false)).not.toBe(first);
    expect(axisFor(first, "linear", [0, 30], [0, 35], false)).not.toBe(first);
  });

  it("rests under levels that were set by hand until they leave it or become too narrow", () => {
    const first = axisFor(null, "linear", [0, 1000], [0, 1000], false);
    expect(axisFor(first, "linear", [100, 200], [0, 5000], true)).toBe(first);
    expect(axisFor(first, "linear", [100, 110], [0, 1000], true)).not.toBe(first);
    expect(axisFor(first, "linear", [100, 2000], [0, 1000], true).high).toBeGreaterThan(2000);
  });

  it("changes with the scale", () => {
    const first = axisFor(null, "linear", [0, 1000], [0, 1000], true);
    const log = axisFor(first, "log", [0, 1000], [0, 1000], true);
    expect(log.kind).toBe("log");
    expect(log.low).toBeGreaterThan(0);
    expect(log.low).toBeLessThanOrEqual(0.5);
    expect(axisFor(log, "symlog", [-5, 1000], null, true)).toMatchObject({ kind: "asinh", knee: 1 });
    expect(axisFor(log, "gamma", [0, 1000], null, true).kind).toBe("linear");
  });

  it.each<[string, Range, Range | null]>([
    ["no span", [7, 7], [7, 7]],
    ["zeros", [0, 0], [0, 0]],
    ["negative values", [-9, -2], [-9, -2]],
    ["tiny values", [1e-12, 3e-12], null],
    ["huge values", [0, 1e300], [0, 1e300]],
  ])("is sound for %s", (_, levels, data) => {
    for (const scale of ["linear", "log", "symlog", "asinh", "sqrt", "gamma"] as const) {
      const axis = axisFor(null, scale, levels, data, false);
      expect(axis.high).toBeGreaterThan(axis.low);
      expect([axis.low, axis.high, axis.knee].every(Number.isFinite)).toBe(true);
      for (const { part } of axisTicks(axis, 8)) expect(part > 0 && part < 1).toBe(true);
    }
  });

  it("is zoomed around the pointer", () => {
    const near = zoomedAxis(EVEN, 0.25, 4);
    expect([near.low, near.high]).toEqual([-25, 75]);
    expect(valueAt(zoomedAxis(LOG, 0.6, 2), 0.6)).toBeCloseTo(valueAt(LOG, 0.6), 6);
    let axis: ValueAxis = { ...EVEN, low: 1e6, high: 1e6 + 1 };
    for (let step = 0; step < 200; step += 1) axis = zoomedAxis(axis, 0.5, 2);
    expect(axis.high).toBeGreaterThan(axis.low);
  });
});

describe("ticks", () => {
  const labels = (axis: ValueAxis, most: number): string[] => axisTicks(axis, most).map(({ label }) => label);

  it("are round numbers", () => {
    expect(labels(EVEN, 5)).toEqual(["0", "100", "200"]);
    expect(axisTicks(EVEN, 5).map(({ part }) => part)).toEqual([0.25, 0.5, 0.75]);
  });

  it("are decades, as many as there is room for", () => {
    expect(labels(LOG, 8)).toEqual(["1", "10", "100", "1000", "10000"]);
    expect(labels(LOG, 3)).toEqual(["1", "100", "10000"]);
    expect(labels({ ...LOG, low: 1e-5, high: 2e-2 }, 8)).toEqual(["1e-4", "0.001", "0.01"]);
  });

  it("are doubles and fives too where there are few decades and room", () => {
    expect(labels({ ...LOG, low: 60, high: 3000 }, 12)).toEqual(["100", "200", "500", "1000", "2000"]);
    expect(labels({ ...LOG, low: 60, high: 3000 }, 4)).toEqual(["100", "1000"]);
  });

  it("are round numbers within a decade", () => {
    expect(labels({ ...LOG, low: 120, high: 480 }, 4)).toEqual(["200", "300", "400"]);
  });

  it("are decades on both sides of zero", () => {
    expect(labels(BOTH, 9)).toEqual(["-1000", "-100", "0", "100", "1000", "10000"]);
    expect(labels(BOTH, 4)).toContain("0");
  });
});

describe("texts on the axis", () => {
  const bar = (low: number, high: number): ReturnType<typeof axisTexts> =>
    axisTexts({ kind: "linear", low, high, knee: 1 }, [low, high], 6);

  it.each([
    [1e8, 1e8 + 63],
    [1.7e18, 1.7e18 + 2 ** 14],
    [2 ** 60, 2 ** 60 + 2 ** 14],
    [1e-17, 3e-17],
    [1000.0001, 1000.0005],
  ])("tell ticks and levels apart by one offset, and give them back: %d to %d", (low, high) => {
    const { ticks, low: first, high: last, offset } = bar(low, high);
    const labels = ticks.map(({ label }) => label);
    expect(ticks.length).toBeGreaterThan(1);
    expect(new Set(labels).size).toBe(labels.length);
    expect(first).not.toBe(last);
    const value = (label: string): number => (offset === "" ? 0 : Number(offset)) + Number(label);
    const near = (high - low) / 50;
    expect(Math.abs(value(first) - low)).toBeLessThanOrEqual(near);
    expect(Math.abs(value(last) - high)).toBeLessThanOrEqual(near);
    for (const { part, label } of ticks)
      expect(Math.abs(value(label) - (low + part * (high - low)))).toBeLessThanOrEqual(near);
  });

  it("are never rounded to nothing on a logarithm", () => {
    const { ticks, low } = axisTexts({ kind: "log", low: 0.001, high: 5, knee: 1 }, [0.00128, 3], 8);
    expect(low).toBe("0.00128");
    expect(ticks.map(({ label }) => Number(label)).every((value) => value > 0)).toBe(true);
  });
});
