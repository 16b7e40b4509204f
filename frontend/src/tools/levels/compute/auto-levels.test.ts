import { describe, expect, it } from "vitest";
import { CalmLevels, levelsOfCounts, levelsOfPixels, type LevelsRule, spanned } from "./auto-levels";
import { PixelPart } from "./auto-levels-part";
import type { NumberArray } from "../../../analysis/statistics";

const MINMAX: LevelsRule = { rule: "minmax", percentiles: [1, 99], sigmas: 3 };
const PERCENTILE: LevelsRule = { ...MINMAX, rule: "percentile" };
const SIGMA: LevelsRule = { ...MINMAX, rule: "sigma" };

function shuffled(count: number, value: (index: number) => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  order.sort((a, b) => Math.imul(a + 1, 2654435761) - Math.imul(b + 1, 2654435761));
  return order.map(value);
}

const TYPES: ((values: number[]) => NumberArray)[] = [
  (values) => Int8Array.from(values),
  (values) => Int16Array.from(values),
  (values) => Int32Array.from(values),
  (values) => Float32Array.from(values),
  (values) => Float64Array.from(values),
];

describe("levels by a rule", () => {
  it("are the extremes, the percentiles and the deviations from the mean, of every type", () => {
    const values = shuffled(201, (index) => index - 100);
    for (const make of TYPES) {
      expect(levelsOfPixels(make(values), MINMAX)).toEqual([-100, 100]);
      expect(levelsOfPixels(make(values), PERCENTILE)).toEqual([-98, 98]);
      expect(levelsOfPixels(make(values), { ...PERCENTILE, percentiles: [0, 100] })).toEqual([-100, 100]);
      expect(levelsOfPixels(make(values), { ...PERCENTILE, percentiles: [50, 50.1] })).toEqual([0, 0]);
      const [low, high] = levelsOfPixels(make(values), { ...SIGMA, sigmas: 2 })!;
      // Variance of 201 neighbouring integers: (201^2 - 1) / 12.
      expect(high).toBeCloseTo(2 * Math.sqrt((201 * 201 - 1) / 12), 6);
      expect(low).toBeCloseTo(-high, 6);
    }
    expect(levelsOfPixels(Uint16Array.of(65_535, 0, 7), MINMAX)).toEqual([0, 65_535]);
    expect(levelsOfPixels(Uint16Array.of(65_535, 0, 7), { ...PERCENTILE, percentiles: [50, 100] })).toEqual([
      7, 65_535,
    ]);
  });

  it("leave out what is not finite, and are none without a finite pixel", () => {
    const pixels = Float32Array.of(Number.NaN, 3, Infinity, 1, -Infinity, 2);
    expect(levelsOfPixels(pixels, MINMAX)).toEqual([1, 3]);
    expect(levelsOfPixels(pixels, { ...PERCENTILE, percentiles: [50, 100] })).toEqual([2, 3]);
    expect(levelsOfPixels(pixels, { ...SIGMA, sigmas: 0 })).toEqual([2, 2]);
    for (const rule of [MINMAX, PERCENTILE, SIGMA]) {
      expect(levelsOfPixels(Float64Array.of(Number.NaN, Infinity), rule)).toBeNull();
      expect(levelsOfPixels(new Float32Array(0), rule)).toBeNull();
    }
  });

  it("keep their figures far from zero, and percentiles do not see one hot pixel", () => {
    const far = Float64Array.from(shuffled(1000, (index) => 1e9 + (index % 2)));
    const [low, high] = levelsOfPixels(far, { ...SIGMA, sigmas: 1 })!;
    expect(high - low).toBeCloseTo(1, 6);
    const hot = Float64Array.from({ length: 400_000 }, (_, index) => (index === 77_777 ? 1e12 : (index % 1000) / 1000));
    const [first, last] = levelsOfPixels(hot, PERCENTILE)!;
    expect(first).toBeCloseTo(0.01, 2);
    expect(last).toBeCloseTo(0.99, 2);
  });

  it("have a span, whole numbers for integers, and never leave the type", () => {
    expect(spanned([7, 7], "uint16")).toEqual([7, 14]);
    expect(spanned([0, 0], "float64")).toEqual([0, 1]);
    expect(spanned([1.5, 2.5], "uint8")).toEqual([1, 3]);
    expect(spanned([1.5, 2.5], "float32")).toEqual([1.5, 2.5]);
    expect(spanned([255, 255], "uint8")).toEqual([0, 255]);
    expect(spanned([200, 200], "uint8")).toEqual([200, 255]);
    expect(spanned([-40.2, 290.1], "uint8")).toEqual([0, 255]);
    expect(spanned([-Infinity, Infinity], "float64")).toEqual([-Number.MAX_VALUE, Number.MAX_VALUE]);
    expect(spanned([1e300, 1e300], "float64")).toEqual([1e300, 2e300]);
    expect(spanned([2 ** 64, 2 ** 64], "uint64")).toEqual([0, 2 ** 64 - 2048]);
  });

  it("are finite for the largest numbers, by every rule", () => {
    const random = Float64Array.of(-1.7e308, 1.2e308, 1e300, -3e-5, 1.7e308, 0, 5e307, NaN, Infinity, -1.6e308);
    for (const rule of [MINMAX, PERCENTILE, SIGMA]) {
      const levels = levelsOfPixels(random, rule)!;
      expect(levels.some(Number.isNaN)).toBe(false);
      const [low, high] = spanned(levels, "float64");
      expect(high).toBeGreaterThan(low);
      expect(low).toBeLessThan(-1e307);
    }
    const counts = { counts: Uint32Array.of(4, 0, 3), low: -1.7e308, width: 1.1e308, mean: null };
    const [low, high] = levelsOfCounts(counts, [-1.7e308, 1.6e308], false, SIGMA);
    expect([low, high].some(Number.isNaN)).toBe(false);
  });
});

describe("levels from counts", () => {
  it("are those of the pixels where each value has its bin", () => {
    const values = shuffled(300, (index) => 40 + (index % 7) * (index % 5));
    const pixels = Uint16Array.from(values);
    const counts = new Uint32Array(40);
    for (const value of values) counts[value - 40]!++;
    const range = levelsOfPixels(pixels, MINMAX)!;
    const mean = values.reduce((sum, value) => sum + value, 0) / 300;
    for (const rule of [MINMAX, PERCENTILE, { ...PERCENTILE, percentiles: [20, 60] as const }, SIGMA]) {
      const exact = levelsOfPixels(pixels, rule)!;
      const counted = levelsOfCounts({ counts, low: 40, width: 1, mean }, range, true, rule);
      counted.forEach((level, at) => expect(level).toBeCloseTo(exact[at]!, 9));
    }
  });

  it("lie within a bin of those of floats", () => {
    const values = { counts: Uint32Array.of(50, 30, 20), low: -1, width: 0.5, mean: null };
    expect(levelsOfCounts(values, [-1, 0.5], false, { ...PERCENTILE, percentiles: [25, 90] })).toEqual([
      -1 + (24 / 50) * 0.5,
      0 + (9 / 20) * 0.5,
    ]);
    const [low, high] = levelsOfCounts(values, [-1, 0.5], false, { ...SIGMA, sigmas: 0 });
    expect([low, high]).toEqual([-0.4, -0.4].map((mean) => expect.closeTo(mean, 9)));
  });
});

describe("levels that are calm", () => {
  it("rest within 2 % of their span, and follow at once beyond", () => {
    const calm = new CalmLevels();
    expect(calm.update(null)).toEqual([0, 1]);
    expect(calm.update([100, 200])).toEqual([100, 200]);
    expect(calm.update([98, 202])).toEqual([100, 200]);
    expect(calm.update([102, 198])).toEqual([100, 200]);
    expect(calm.update([97, 200])).toEqual([97, 200]);
    expect(calm.update(null)).toEqual([97, 200]);
    calm.reset();
    expect(calm.present).toBeNull();
    expect(calm.update([97.5, 200])).toEqual([97.5, 200]);
  });
});

describe("calm levels after numbers whose distance is infinite", () => {
  it("are found again with the next frame", () => {
    for (const extremes of [false, true]) {
      const calm = new CalmLevels();
      calm.update([-1.7e308, 1.7e308], extremes);
      expect(calm.update([-1.69e308, 1.69e308], extremes)).toEqual([-1.7e308, 1.7e308]);
      expect(calm.update([0, 100], extremes)).toEqual([0, 100]);
    }
  });
});

describe("levels of extremes that are calm", () => {
  it("are widened at once by what sticks out, and rest while it sticks out less", () => {
    const calm = new CalmLevels();
    calm.update([100, 200], true);
    expect(calm.update([101, 200.5], true)).toEqual([100, 200.5]);
    expect(calm.update([99, 199], true)).toEqual([99, 200.5]);
    expect(calm.update([100, 199], true)).toEqual([99, 200.5]);
    expect(calm.update([100, 150], true)).toEqual([100, 150]);
    expect(calm.update([130, 170], true)).toEqual([130, 170]);
  });
});

describe("a part of an image", () => {
  it("is its pixels row by row", () => {
    const part = new PixelPart();
    const image = Uint16Array.from({ length: 20 }, (_, at) => at);
    expect(Array.from(part.of(image, 5, [1, 1, 3, 2]))).toEqual([6, 7, 8, 11, 12, 13]);
    expect(Array.from(part.of(image, 5, [4, 3, 1, 1]))).toEqual([19]);
    expect(part.of(Float32Array.from(image), 5, [0, 0, 5, 4])).toBeInstanceOf(Float32Array);
  });
});
