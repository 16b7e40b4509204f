import { describe, expect, it } from "vitest";
import { RateMeter } from "./rate";

describe("the rate", () => {
  it("is that of about the last second", () => {
    const meter = new RateMeter();
    for (let now = 0; now <= 3000; now += 10) meter.count(now);
    expect(meter.rate()).toBeCloseTo(100);
    for (let now = 3040; now <= 5000; now += 40) meter.count(now);
    expect(meter.rate()).toBeCloseTo(25);
  });

  it("is measured between the last two where they are rarer than one a second", () => {
    const meter = new RateMeter();
    for (let now = 0; now <= 20_000; now += 4000) meter.count(now);
    expect(meter.rate()).toBeCloseTo(0.25);
  });

  it("is zero before the second event", () => {
    const meter = new RateMeter();
    expect(meter.rate()).toBe(0);
    expect(meter.count(5)).toBe(0);
  });
});
