import { describe, expect, it } from "vitest";
import type { RoiStatistics } from "../../contract";
import { STATISTICS_UNITS, statisticsHint, statisticsText } from "./roi-text";

const GOOD: RoiStatistics = {
  id: 1,
  pixels: 12,
  notFinite: 0,
  sum: 123456789,
  mean: 10288065.75,
  sigma: 1.23456789,
  min: -3,
  max: 4095,
  centroid: [10.123456789, 5],
  missing: 0,
};

describe("statistics of a region", () => {
  it("keep whole numbers and round what is computed", () => {
    const texts = new Map(statisticsText(GOOD));
    expect(texts.get("sum")).toBe("123456789");
    expect(texts.get("standard deviation")).toBe("1.23457");
    expect(texts.get("centroid x")).toBe("10.1235");
    expect(texts.get("min")).toBe("-3");
    expect(statisticsHint(GOOD)).toBe("");
  });

  it("have the digits of 64-bit integers", () => {
    const first = 1_700_000_000_123_456_789n;
    const told = (sum: bigint): string | undefined =>
      new Map(statisticsText({ ...GOOD, exact: { sum, min: first, max: first, pixels: 3 } })).get("mean");
    expect(told(3n * first)).toBe("1700000000123456789");
    expect(told(3n * first + 2n)).toBe("≈ 1700000000123456789.667");
    expect(told(-3n * first - 1n)).toBe("≈ -1700000000123456789.333");
    const exact = { sum: 3n * first, min: first - 1n, max: first + 1n, pixels: 3 };
    const texts = new Map(statisticsText({ ...GOOD, exact }));
    expect([texts.get("sum"), texts.get("min"), texts.get("max")]).toEqual([
      "5100000000370370367",
      "1700000000123456788",
      "1700000000123456790",
    ]);
  });

  it("have their units, and all places in pixels", () => {
    const x = { kind: "linear", origin: 100, step: -5, unit: "µm" } as const;
    const y = { kind: "values", values: Float64Array.of(0, 2, 6, 12), unit: "µm", name: "y_axis" } as const;
    const texts = new Map(statisticsText({ ...GOOD, centroid: [60, 9] }, { x, y }));
    expect([texts.get("centroid x"), texts.get("centroid y")]).toEqual(["8", "2.5"]);
    const named = [...texts.keys()].map((name) => STATISTICS_UNITS[name] ?? "");
    expect(named).toEqual(["counts", "counts", "counts", "counts", "counts", "", "px", "px"]);
  });

  it("are no numbers where nothing is known", () => {
    const texts = statisticsText({ ...GOOD, sum: null, mean: null, centroid: null });
    expect(texts.filter(([, value]) => value === "–").map(([name]) => name)).toEqual([
      "sum",
      "mean",
      "centroid x",
      "centroid y",
    ]);
    expect(statisticsText(undefined).every(([, value]) => value === "–")).toBe(true);
  });

  it("say what is missing", () => {
    expect(statisticsHint(undefined)).toContain("yet");
    expect(statisticsHint({ ...GOOD, missing: 1 })).toContain("not sent");
    expect(statisticsHint({ ...GOOD, missing: 0.253 })).toContain("25 %");
    expect(statisticsHint({ ...GOOD, pixels: 0 })).toContain("no pixel");
    expect(statisticsHint({ ...GOOD, notFinite: 3 })).toContain("3 of");
  });
});
