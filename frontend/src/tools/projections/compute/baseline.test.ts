import { expect, it } from "vitest";
import { applyBaseline } from "./baseline";

const ramp = (size: number) => new Float64Array(size).map((_, at) => at);

it("takes nothing, or the minimum, from a profile", () => {
  const profile = Float64Array.of(3, -2, 8);
  expect(applyBaseline(profile, "none")).toBe(0);
  expect(profile).toEqual(Float64Array.of(3, -2, 8));
  expect(applyBaseline(profile, "minimum")).toBe(-2);
  expect(profile).toEqual(Float64Array.of(5, 0, 10));
});

it("takes the median of the outermost 5 % at both ends together", () => {
  const profile = new Float64Array(60).fill(1000);
  profile.set([1, 90, 3], 0);
  profile.set([5, 7, 2], 57);
  expect(applyBaseline(profile, "border")).toBe(4);
  expect(profile[0]).toBe(-3);
  expect(profile[30]).toBe(996);
});

it("takes at least one element at each end, and at most 32", () => {
  expect(applyBaseline(Float64Array.of(2, 50, 50, 4), "border")).toBe(3);
  expect(applyBaseline(Float64Array.of(7), "border")).toBe(7);
  const profile = ramp(2000);
  profile.fill(1e9, 32, 1968);
  profile.fill(5, 1968);
  expect(applyBaseline(profile, "border")).toBe(5);
  profile.fill(3, 0, 31).fill(100, 31, 64).fill(100, 1968);
  expect(applyBaseline(profile, "border")).toBe(100);
});

it("finds none in a profile without finite values, and none in an empty one", () => {
  for (const baseline of ["minimum", "border"] as const) {
    expect(applyBaseline(new Float64Array(5).fill(Number.NaN), baseline)).toBe(0);
    expect(applyBaseline(new Float64Array(0), baseline)).toBe(0);
    expect(applyBaseline(Float64Array.of(4, Number.NaN, 9, 4), baseline)).toBe(4);
  }
});
