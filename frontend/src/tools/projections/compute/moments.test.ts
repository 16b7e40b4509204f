import { describe, expect, it } from "vitest";
import { moments } from "./moments";

const pixels = (size: number) => new Float64Array(size).map((_, at) => at);
const of = (...values: number[]) => moments(Float64Array.from(values), pixels(values.length));

describe("moments", () => {
  it("are the definitions", () => {
    expect(of(0, 1, 2, 1, 0)).toMatchObject({ com: 2, rms: Math.sqrt(0.5) });
    expect(of(3, 0, 0, 1)).toMatchObject({ com: 0.75, rms: Math.sqrt(9 / 4 - 0.75 ** 2) });
    // 1, -2 at 1, 3 at 2: sums 2, 4, 10.
    expect(of(1, -2, 3)).toMatchObject({ com: 2, rms: 1 });
  });

  it("keep their digits far from the origin", () => {
    const profile = pixels(200).map((x) => Math.exp(-0.5 * ((x - 90) / 7) ** 2));
    const { com, rms, fwhm } = moments(
      profile,
      pixels(200).map((x) => 1e9 + x),
    );
    expect(com! - 1e9).toBeCloseTo(90, 6);
    expect(rms).toBeCloseTo(7, 6);
    expect(fwhm).toBeCloseTo(7 * Math.sqrt(8 * Math.log(2)), 1);
  });

  it("are none without counts", () => {
    expect(of(0, 0, 0)).toEqual({ com: null, rms: null, fwhm: null });
    expect(of(1, -1)).toMatchObject({ com: null, rms: null });
    expect(of(1, Number.NaN, 1)).toEqual({ com: null, rms: null, fwhm: null });
    expect(of(1, Infinity, 1)).toEqual({ com: null, rms: null, fwhm: null });
    expect(of()).toEqual({ com: null, rms: null, fwhm: null });
  });
});

describe("full width at half maximum", () => {
  it("is interpolated between the samples, above the minimum", () => {
    // Half of the height is at 15, which it has at 1.5 and 3.5.
    expect(of(10, 10, 20, 20, 10, 12).fwhm).toBe(2);
    // Half is 4: exactly at 2, and at 3 + 4/6.
    expect(of(0, 0, 4, 8, 2, 0).fwhm).toBeCloseTo(5 / 3, 12);
  });

  it("is positive on a descending axis, and on the axis", () => {
    const profile = Float64Array.of(0, 0, 8, 0, 0);
    expect(moments(profile, Float64Array.of(9, 8, 6, 2, 1)).fwhm).toBe(3);
  });

  it("is that of the highest peak", () => {
    expect(of(0, 6, 0, 0, 8, 0, 0, 6, 0).fwhm).toBe(1);
  });

  it("is not known of a flat profile, or when a side never falls to half", () => {
    expect(of(5, 5, 5).fwhm).toBeNull();
    expect(of(9, 5, 0, 0).fwhm).toBeNull();
    expect(of(0, 0, 5, 9, 6).fwhm).toBeNull();
    expect(of(7, 9, 8, 0).fwhm).toBeNull();
  });
});
