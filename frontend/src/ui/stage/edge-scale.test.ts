import { expect, it } from "vitest";
import { EdgeScales } from "./edge-scale";

it("holds the curves of page and stream, which are compared as sums", () => {
  const scales = new EdgeScales();
  scales.setStream("x", [100, 900]);
  // The page has the same profile without its baseline of 100.
  const [low, high] = scales.limits("x", [0, 800], 100, true);
  expect(low).toBeLessThanOrEqual(0);
  expect(high).toBeGreaterThanOrEqual(800);
  expect(scales.limits("x", [0, 800], 100, true)).toEqual([low, high]);
});

it("grows with a stream that is higher, and not with one of other pixels", () => {
  const scales = new EdgeScales();
  scales.setStream("y", [0, 5000]);
  expect(scales.limits("y", [10, 800], 0, true)[1]).toBeGreaterThanOrEqual(5000);
  scales.reset();
  expect(scales.limits("y", [10, 800], 0, false)[1]).toBeLessThan(1000);
});
