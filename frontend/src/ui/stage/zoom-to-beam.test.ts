import { describe, expect, it } from "vitest";
import type { Region } from "../../contract";
import type { Pixels } from "../console-api";
import { findBeam } from "./zoom-to-beam";

const WIDTH = 120;
const HEIGHT = 90;

/** A spot around (70, 30) with sigma 4 on a ground of 10. */
function spot(crop: Region | null): Pixels {
  const [left, top, width, height] = crop ?? [0, 0, WIDTH, HEIGHT];
  const data = new Uint16Array(width * height);
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1) {
      const squared = (column + left - 70) ** 2 + (row + top - 30) ** 2;
      data[row * width + column] = 10 + 1000 * Math.exp(-squared / 32);
    }
  return { pulseId: 1n, sequence: 1n, dtype: "uint16", shape: [height, width], crop, data };
}

function holds(region: Region | null): boolean {
  if (region === null) return false;
  const [x, y, width, height] = region;
  const around = (from: number, size: number, at: number): boolean => from < at - 8 && from + size > at + 8;
  return around(x, width, 70) && around(y, height, 30) && width < WIDTH * 0.6 && height < HEIGHT * 0.8;
}

describe("zoom to the beam", () => {
  const none = { analysis: null, profiles: () => Promise.resolve(null) };

  it("finds it in the pixels, also of a part of the image", async () => {
    expect(holds(await findBeam({ ...none, pixels: () => Promise.resolve(spot(null)) }))).toBe(true);
    expect(holds(await findBeam({ ...none, pixels: () => Promise.resolve(spot([30, 5, 80, 80])) }))).toBe(true);
  });

  it("finds it in the sums of the server where there are no exact pixels", async () => {
    const { data } = spot(null);
    const x = new Float64Array(WIDTH);
    const y = new Float64Array(HEIGHT);
    data.forEach((value: number | bigint, at: number) => {
      x[at % WIDTH]! += Number(value);
      y[Math.floor(at / WIDTH)]! += Number(value);
    });
    const array = (values: Float64Array) => ({ dtype: "float64" as const, shape: [values.length], values });
    const profiles = { pulseId: 1n, sequence: 1n, x: array(x), y: array(y), histogram: null };
    const found = await findBeam({
      analysis: null,
      pixels: () => Promise.reject(new Error("a preview")),
      profiles: () => Promise.resolve(profiles),
    });
    expect(holds(found)).toBe(true);
  });

  it("finds none in the dark", async () => {
    const dark = { ...spot(null), data: new Uint16Array(WIDTH * HEIGHT).fill(7) };
    expect(await findBeam({ ...none, pixels: () => Promise.resolve(dark) })).toBeNull();
    expect(await findBeam({ ...none, pixels: () => Promise.resolve(null) })).toBeNull();
  });
});
