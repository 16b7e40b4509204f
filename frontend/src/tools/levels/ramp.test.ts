import { describe, expect, it } from "vitest";
import type { Colours } from "../../contract";
import { DEFAULT_COLOURS } from "../../defaults";
import { rampColours } from "./ramp";
import type { Range, ValueAxis } from "./value-axis";

const AXIS: ValueAxis = { kind: "linear", low: -50, high: 150, knee: 1 };
const GRAY: Colours = { ...DEFAULT_COLOURS, colourMap: "gray" };

function reds(colours: Partial<Colours>, levels: Range = [0, 100], axis = AXIS): number[] {
  const rgba = rampColours(axis, levels, { ...GRAY, ...colours }, 8);
  return Array.from({ length: 8 }, (_, place) => rgba[place * 4] ?? -1);
}

describe("the ramp", () => {
  it("goes from the low level to the high one, with the ends of the map beyond", () => {
    expect(reds({})).toEqual([0, 0, 32, 96, 160, 224, 255, 255]);
  });

  it("is turned round when the map is inverted", () => {
    expect(reds({ inverted: true })).toEqual([255, 255, 223, 159, 95, 31, 0, 0]);
  });

  it("has the colours for beyond the levels, which are not inverted", () => {
    const rgba = rampColours(AXIS, [0, 100], { ...GRAY, under: "#102030", over: "#f0e0d0", inverted: true }, 8);
    expect([...rgba.subarray(0, 4)]).toEqual([16, 32, 48, 255]);
    expect([...rgba.subarray(28, 32)]).toEqual([240, 224, 208, 255]);
    expect(rgba[8]).toBe(223);
  });

  it("has the scale of the picture", () => {
    const linear = reds({});
    const root = reds({ scale: "sqrt" });
    expect(root[3]).toBe(Math.floor(256 * Math.sqrt(0.375)));
    expect(root[3]).toBeGreaterThan(linear[3] ?? 0);
    expect(reds({ scale: "gamma", gamma: 2 })[5]).toBe(Math.floor(256 * 0.875 ** 2));
  });

  it("is even along a logarithmic axis with a logarithmic scale", () => {
    const axis: ValueAxis = { kind: "log", low: 1, high: 10000, knee: 1 };
    const colours = reds({ scale: "log" }, [1, 10000], axis);
    const steps = colours.slice(1).map((colour, at) => colour - (colours[at] ?? 0));
    for (const step of steps) expect(Math.abs(step - 255 / 8)).toBeLessThan(1.5);
  });
});
