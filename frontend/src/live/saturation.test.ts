import { describe, expect, it } from "vitest";
import type { ImageNumbers } from "../contract";
import { SaturationWatch } from "./saturation";

function numbers(max: string, saturation: string | null, saturated: number): ImageNumbers {
  return { min: "0", max, sum: "1", finite: 9, notFinite: 0, saturation, saturated };
}

describe("the saturation", () => {
  it("is guessed from a largest value that several pixels have, and kept while none is above", () => {
    const watch = new SaturationWatch();
    const dark = Uint16Array.of(1, 2, 3, 4000);
    expect(watch.ofPixels(dark, "uint16", [1, 4000])).toEqual({ level: null, guessed: false, count: null });
    expect(watch.ofPixels(Uint16Array.of(4095, 1, 4095), "uint16", [1, 4095]).level).toBeNull();
    const bright = Uint16Array.of(4095, 7, 4095, 4095);
    expect(watch.ofPixels(bright, "uint16", [7, 4095])).toEqual({ level: 4095, guessed: true, count: 3 });
    expect(watch.ofPixels(dark, "uint16", [1, 4000])).toEqual({ level: 4095, guessed: true, count: 0 });
    const other = Uint16Array.of(1, 5000, 5000, 5000);
    expect(watch.ofPixels(other, "uint16", [1, 5000])).toEqual({ level: null, guessed: false, count: null });
  });

  it("is that of a camera with its bits at the upper end only if the values have its step", () => {
    const watch = new SaturationWatch();
    const justified = Uint16Array.of(65_520, 16, 65_520, 65_520, 48);
    const odd = Uint16Array.of(65_520, 17, 65_520, 65_520);
    expect(watch.ofPixels(odd, "uint16", [17, 65_520]).level).toBeNull();
    expect(watch.ofPixels(justified, "uint16", [16, 65_520])).toEqual({ level: 65_520, guessed: true, count: 3 });
  });

  it("is what the user says, for floats too, which are not guessed", () => {
    const watch = new SaturationWatch();
    const pixels = Float32Array.of(255, 255, 255, Number.NaN, 1);
    expect(watch.ofPixels(pixels, "float32", [1, 255]).level).toBeNull();
    watch.asked = 200;
    expect(watch.ofPixels(pixels, "float32", [1, 255])).toEqual({ level: 200, guessed: false, count: 3 });
    expect(watch.ofPixels(pixels, "float32", null)).toEqual({ level: 200, guessed: false, count: 0 });
    expect(watch.ofPart()).toEqual({ level: 200, guessed: false, count: null });
  });

  it("is that of the server's numbers for a preview, counted only under the same level", () => {
    const watch = new SaturationWatch();
    expect(watch.ofNumbers(null)).toEqual({ level: null, guessed: false, count: null });
    expect(watch.ofNumbers(numbers("1023", "1023", 12))).toEqual({ level: 1023, guessed: true, count: 12 });
    expect(watch.ofNumbers(numbers("900", null, 0))).toEqual({ level: 1023, guessed: true, count: 0 });
    expect(watch.ofPart()).toEqual({ level: 1023, guessed: true, count: null });
    watch.asked = 500;
    expect(watch.ofNumbers(numbers("900", null, 0))).toEqual({ level: 500, guessed: false, count: null });
    expect(watch.ofNumbers(numbers("900", "500", 4))).toEqual({ level: 500, guessed: false, count: 4 });
    watch.asked = null;
    watch.reset();
    expect(watch.ofNumbers(numbers("1100", null, 0)).level).toBeNull();
  });
});
