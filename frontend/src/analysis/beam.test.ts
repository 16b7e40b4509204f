import { describe, expect, it } from "vitest";
import { beamRegion } from "./beam";

/** Deterministic noise between -1 and 1. */
function noise(at: number): number {
  return ((Math.imul(at + 1, 2654435761) >>> 8) / 2 ** 24) * 2 - 1;
}

function profile(length: number, mean: number, sigma: number, height: number, rough: number): Float64Array {
  return Float64Array.from(
    { length },
    (_, at) => 50_000 + height * Math.exp(-((at - mean) ** 2) / (2 * sigma ** 2)) + rough * noise(at),
  );
}

describe("the part of an image with the beam", () => {
  it("is around the beam, with room", () => {
    const region = beamRegion(profile(1280, 900, 20, 8000, 100), profile(1024, 300, 10, 16_000, 100))!;
    const [x, y, width, height] = region;
    expect(x + width / 2).toBeCloseTo(900, -1);
    expect(y + height / 2).toBeCloseTo(300, -1);
    expect(width).toBeGreaterThan(5 * 20 * 0.9);
    expect(width).toBeLessThan(10 * 20);
    expect(height).toBeGreaterThan(5 * 10 * 0.9);
    expect(height).toBeLessThan(10 * 10);
  });

  it("ends at the border, and has some pixels for the smallest beam", () => {
    const [x, y, width, height] = beamRegion(profile(640, 2, 15, 8000, 0), profile(480, 478, 0.1, 8000, 0))!;
    // 24 pixels around the middle of the one, of which the image has these.
    expect([y, height]).toEqual([466, 14]);
    expect(x).toBe(0);
    expect(width).toBeGreaterThan(32);
    expect(width).toBeLessThan(80);
  });

  it("is nothing without a beam", () => {
    const flat = new Float64Array(100).fill(7);
    expect(beamRegion(flat, profile(100, 50, 5, 100, 0))).toBeNull();
    expect(beamRegion(profile(640, 300, 20, 0, 100), profile(480, 200, 20, 0, 100))).toBeNull();
    expect(beamRegion(new Float64Array(0), flat)).toBeNull();
  });
});
