import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Axis, Roi, RoiShape, RoiStatistics } from "../../../contract";
import { roiStatistics } from "./regions";
import type { NumberArray } from "../../../analysis/statistics";

interface Reference {
  shape: RoiShape;
  pixels: number;
  not_finite: number;
  sum: number;
  mean: number;
  sigma: number;
  min: number;
  max: number;
  centroid: [number, number] | null;
}

interface TestImage {
  dtype: "uint16" | "float32";
  rows: number;
  columns: number;
  pixels: string;
  regions: Reference[];
}

const file = new URL("../../../../../tests/vectors/analysis/regions.json", import.meta.url);
const images = (JSON.parse(readFileSync(file, "utf8")) as TestImage[]).map(({ pixels, ...rest }) => {
  const { buffer } = Uint8Array.from(Buffer.from(pixels, "base64"));
  return { ...rest, pixels: rest.dtype === "uint16" ? new Uint16Array(buffer) : new Float32Array(buffer) };
});
const cases = images.flatMap(({ regions, ...image }) =>
  regions.map((region, index) => ({ image, region, label: `${image.dtype}, ${index}: ${region.shape.kind}` })),
);

const PIXELS = { x: { kind: "pixel" }, y: { kind: "pixel" } } satisfies { x: Axis; y: Axis };
const HERE = { x: 0, y: 0 };
const roi = (shape: RoiShape): Roi => ({ id: 3, name: "ROI 3", shape });

function whole(shape: RoiShape, pixels: NumberArray, columns: number, axes: { x: Axis; y: Axis } = PIXELS) {
  const rows = pixels.length / columns;
  return roiStatistics(roi(shape), pixels, columns, rows, HERE, { columns, rows }, axes);
}

describe("statistics of a region", () => {
  it.each(cases)("agree with those of a mask of all pixels ($label)", ({ image, region }) => {
    const found = whole(region.shape, image.pixels, image.columns);
    expect(found).toMatchObject({
      id: 3,
      pixels: region.pixels,
      notFinite: region.not_finite,
      min: region.min,
      max: region.max,
      missing: 0,
    });
    expect(found.sum).toBeCloseTo(region.sum, 9);
    expect(found.mean).toBeCloseTo(region.mean, 9);
    expect(found.sigma).toBeCloseTo(region.sigma, 9);
    if (region.centroid === null) {
      expect(found.centroid).toBeNull();
    } else {
      found.centroid!.forEach((place, at) => expect(place).toBeCloseTo(region.centroid![at]!, 8));
    }
  });

  it("say where the centre is on the axes, whatever way they go", () => {
    const { pixels, columns, rows, regions } = images[0]!;
    for (const { shape, centroid } of regions) {
      const found = whole(shape, pixels, columns, {
        x: { kind: "linear", origin: 500, step: -8.25, unit: "um" },
        y: { kind: "values", values: new Float64Array(rows).map((_, at) => 3 * at - 7), unit: "um", name: "y_axis" },
      });
      expect(found.centroid![0]).toBeCloseTo(500 - 8.25 * centroid![0], 8);
      expect(found.centroid![1]).toBeCloseTo(3 * centroid![1] - 7, 8);
    }
  });

  it("are those of the part that was sent, and say how much is missing", () => {
    const { pixels, columns, rows } = images[0]!;
    const [left, top, width, height] = [6, 4, 12, 9];
    const crop = new Uint16Array(width * height);
    for (let row = 0; row < height; row++) {
      const start = (top + row) * columns + left;
      crop.set((pixels as Uint16Array).subarray(start, start + width), row * width);
    }
    const of = (shape: RoiShape) =>
      roiStatistics(roi(shape), crop, width, height, { x: left, y: top }, { columns, rows }, PIXELS);
    const inside: RoiShape = { kind: "ellipse", x: 7, y: 5, width: 8, height: 7 };
    expect(of(inside)).toEqual(whole(inside, pixels, columns));
    // Of 10 x 10 pixels, 7 x 6 were sent.
    const half = of({ kind: "rectangle", x: 3, y: 0, width: 10, height: 10 });
    const same = whole({ kind: "rectangle", x: 6, y: 4, width: 7, height: 6 }, pixels, columns);
    expect(half).toEqual({ ...same, missing: 0.58 });
    const none: RoiStatistics = {
      id: 3,
      pixels: 0,
      notFinite: 0,
      sum: null,
      mean: null,
      sigma: null,
      min: null,
      max: null,
      centroid: null,
      missing: 1,
    };
    expect(of({ kind: "rectangle", x: 20, y: 15, width: 4, height: 4 })).toEqual(none);
    // What is beside the image is not missing.
    expect(of({ kind: "rectangle", x: 200, y: 15, width: 4, height: 4 })).toEqual({ ...none, missing: 0 });
  });

  it("are of each pixel of a line once", () => {
    const pixels = new Uint16Array(100).map((_, at) => at);
    const found = whole({ kind: "line", x0: 1, y0: 1, x1: 5, y1: 5 }, pixels, 10);
    expect(found).toMatchObject({ pixels: 5, sum: 11 + 22 + 33 + 44 + 55, min: 11, max: 55 });
  });

  it("keep their digits on a high pedestal", () => {
    const pixels = new Float64Array(2500).map((_, at) => 1e12 + (at % 2));
    const found = whole({ kind: "rectangle", x: 0, y: 0, width: 50, height: 50 }, pixels, 50);
    expect(found.sigma).toBeCloseTo(0.5, 9);
    expect(found.mean! - 1e12).toBeCloseTo(0.5, 3);
  });

  it("lose nothing of small numbers beside large ones that cancel", () => {
    const pixels = new Float64Array(300).fill(1);
    pixels[5] = 1e17;
    pixels[295] = -1e17;
    const found = whole({ kind: "rectangle", x: 0, y: 0, width: 1, height: 300 }, pixels, 1);
    expect(found.sum).toBe(298);
  });

  it("have no numbers without a finite pixel, and no centre without counts", () => {
    const shape: RoiShape = { kind: "rectangle", x: 0, y: 0, width: 2, height: 2 };
    expect(whole(shape, new Float32Array(4).fill(Number.NaN), 2)).toMatchObject({
      pixels: 4,
      notFinite: 4,
      sum: null,
      mean: null,
      sigma: null,
      min: null,
      max: null,
      centroid: null,
    });
    expect(whole(shape, new Uint16Array(4), 2)).toMatchObject({ sum: 0, mean: 0, sigma: 0, centroid: null });
    expect(whole(shape, Int16Array.of(-5, 1, 1, 1), 2)).toMatchObject({ sum: -2, mean: -0.5, centroid: null });
    expect(whole(shape, new Float64Array(4).fill(1.5e308), 2)).toMatchObject({ sum: null, max: 1.5e308 });
  });
});
