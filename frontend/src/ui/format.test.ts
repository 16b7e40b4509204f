import { describe, expect, it } from "vitest";
import {
  compactNumber,
  exactNumber,
  fittedNumber,
  fittedNumbers,
  formatAge,
  formatBytes,
  formatDuration,
  formatRate,
  formatShape,
  localTime,
  nanosecondTime,
  shortNumber,
  wholeMilliseconds,
} from "./format";

describe("numbers", () => {
  it.each([
    [0, "0"],
    [-0, "-0"],
    [640, "640"],
    [5.234170987, "5.23417"],
    [-12345.678, "-12345.7"],
    [1e-17, "1.00000e-17"],
    [1795341123.5733, "1795341124"],
    [12345678901.5, "1.23457e+10"],
    [1e14, "100000000000000"],
    [NaN, "NaN"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
  ])("%s reads %s", (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });

  it.each([
    [0.00012, "0.00012"],
    [1.5e-9, "1.5e-9"],
    [100, "100"],
    [1.0987, "1.0987"],
    [NaN, "NaN"],
  ])("%s is short as %s", (value, text) => {
    expect(compactNumber(value)).toBe(text);
  });

  it.each<[number, number, string]>([
    [1.09531e-12, 10, "1.0953e-12"],
    [1.09531e-12, 7, "1.1e-12"],
    [-1.09531e-12, 9, "-1.1e-12"],
    [1.7e308, 7, "1.7e308"],
    [120.5, 7, "120.5"],
    [1_700_000_000_123_456_789, 9, "1.7e18"],
    [123_456.789, 7, "123457"],
  ])("%s in %i characters keeps its exponent", (value, most, text) => {
    expect(fittedNumber(value, String(value), most)).toBe(text);
  });

  it("writes two numbers in as many figures as tell them apart", () => {
    const both = (a: number, b: number, most: number): string[] => fittedNumbers([a, b], [String(a), String(b)], most);
    expect(both(1e9, 1e9 + 68, 7)).toEqual(["1000000000", "1000000068"]);
    expect(both(1e9, 1e9 + 68, 10)).toEqual(["1000000000", "1000000068"]);
    expect(both(10, 1080, 7)).toEqual(["10", "1080"]);
    expect(both(0.00128, 0.00128000004, 7)).toEqual(["0.00128", "0.00128000004"]);
    expect(both(5, 5, 7)).toEqual(["5", "5"]);
  });

  it("writes all digits of a float64 and not more than a float32 has", () => {
    expect(exactNumber(0.1 + 0.2, "float64")).toBe("0.30000000000000004");
    expect(exactNumber(Math.fround(0.1), "float32")).toBe("0.1");
    expect(exactNumber(Math.fround(16777217.5), "float32")).toBe("16777218");
  });

  it("gives every float32 back", () => {
    for (const bits of [1, 0x00800000, 0x3f800001, 0x7f7fffff, 0x42f6e979, 0xc2f6e979]) {
      const value = new Float32Array(new Uint32Array([bits]).buffer)[0] ?? 0;
      expect(Math.fround(Number(exactNumber(value, "float32")))).toBe(value);
    }
  });
});

describe("sizes, rates, durations", () => {
  it.each([
    [812, "812 B"],
    [2_457_600, "2.46 MB"],
    [11_059_200, "11.1 MB"],
    [999_600, "1.00 MB"],
    [0, "0 B"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, "0.0"],
    [0.05, "0.05"],
    [9.96, "10.0"],
    [125.04, "125.0"],
    [1234, "1234"],
    [NaN, "0.0"],
  ])("%d a second is %s", (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });

  it.each([
    [0.04, "0.0 s"],
    [12.34, "12.3 s"],
    [59.96, "59 s"],
    [61, "1 min 01 s"],
    [3720, "1 h 02 min"],
  ])("an age of %d s is %s", (age, text) => {
    expect(formatAge(age)).toBe(text);
  });

  it("counts whole seconds, minutes, hours and days", () => {
    expect(formatDuration(12.9)).toBe("12 s");
    expect(formatDuration(90_000)).toBe("1 d 01 h");
    expect(formatDuration(-1)).toBe("0 s");
  });

  it("writes rows before columns", () => {
    expect(formatShape([2160, 2560])).toBe("2160 × 2560");
    expect(formatShape([640])).toBe("[640]");
  });
});

describe("times", () => {
  it("keeps all nine digits of a second", () => {
    expect(nanosecondTime(1_700_000_000_123_456_789n)).toContain(".123456789");
    expect(localTime(wholeMilliseconds(1_700_000_000_123_456_789n))?.time).toMatch(/^\d\d:\d\d:20\.123$/);
  });

  it("rounds times before 1970 down", () => {
    expect(wholeMilliseconds(-1n)).toBe(-1);
    expect(nanosecondTime(-1n)).toContain(".999999999");
  });

  it("writes the largest time of the protocol, and knows when a date ends", () => {
    expect(nanosecondTime(2n ** 63n - 1n)).toMatch(/^2262-04-1\d .*854775807/);
    expect(localTime(1e18)).toBeNull();
    expect(nanosecondTime(10n ** 26n)).toBe(`${10n ** 26n} ns since 1970`);
  });
});
