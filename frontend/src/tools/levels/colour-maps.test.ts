import { describe, expect, it } from "vitest";
import table from "../../../../stream_online_viewer/colormaps.json";
import { COLOUR_MAPS, gradientStops, isColourMap } from "./colour-maps";

describe("colour maps", () => {
  it.each(COLOUR_MAPS)("%s is a whole gradient", (name) => {
    const stops = gradientStops(name).split(", ");
    expect(stops).toHaveLength(33);
    expect(stops.every((stop) => /^#[0-9a-f]{6}$/i.test(stop))).toBe(true);
  });

  it("are offered once each, all that the server knows", () => {
    expect([...COLOUR_MAPS].sort()).toEqual(Object.keys(table).sort());
  });

  it("run from dark to bright", () => {
    expect(gradientStops("gray").startsWith("#000000")).toBe(true);
    expect(gradientStops("gray").toLowerCase().endsWith("#ffffff")).toBe(true);
  });

  it("are known by name only", () => {
    expect(isColourMap("viridis")).toBe(true);
    expect(isColourMap("toString")).toBe(false);
  });
});
