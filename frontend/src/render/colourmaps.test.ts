import { describe, expect, it } from "vitest";
import type { ColourMapName } from "../contract";
import { DEFAULT_COLOURS } from "../defaults";
import {
  BAD,
  colourTable,
  NEGATIVE_INFINITY,
  NEGATIVE_INFINITY_COLOUR,
  OVER,
  PALETTE_LENGTH,
  paletteOf,
  POSITIVE_INFINITY,
  POSITIVE_INFINITY_COLOUR,
  samePalette,
  UNDER,
} from "./colourmaps";

/** Maps that are meant for numbers; others end in pure red or blue. */
const NAMES: ColourMapName[] = ["viridis", "gray", "inferno", "magma", "plasma", "cividis", "turbo", "bone", "copper"];
const OTHERS: ColourMapName[] = [
  "gray_r",
  "jet",
  "rainbow",
  "hot",
  "afmhot",
  "coolwarm",
  "RdBu",
  "seismic",
  "twilight",
];

function colours(name: ColourMapName): string[] {
  const table = colourTable(name);
  return Array.from({ length: 256 }, (_, index) => table.slice(4 * index, 4 * index + 4).join());
}

describe("the colour maps", () => {
  it("have 256 opaque colours each, those of matplotlib", () => {
    for (const name of [...NAMES, ...OTHERS]) {
      expect(
        colours(name).every((colour) => /^(\d+,){3}255$/.test(colour)),
        name,
      ).toBe(true);
      expect(new Set(colours(name)).size, name).toBeGreaterThan(100);
    }
    expect(colours("gray")).toEqual(Array.from({ length: 256 }, (_, value) => `${value},${value},${value},255`));
    expect([colours("viridis")[0], colours("viridis")[255]]).toEqual(["68,1,84,255", "253,231,37,255"]);
  });

  it("do not use the colours of the infinities, nor that of NaN if none is chosen", () => {
    const special = [[255, 0, 255], POSITIVE_INFINITY_COLOUR, NEGATIVE_INFINITY_COLOUR].map((colour) =>
      [...colour, 255].join(),
    );
    for (const name of NAMES) for (const colour of special) expect(colours(name)).not.toContain(colour);
  });
});

describe("a palette", () => {
  const at = (palette: Uint8Array, place: number) => palette.slice(4 * place, 4 * place + 4).join();

  it("is the map with its ends for what lies beyond the levels, and colours for what is no number", () => {
    const palette = paletteOf(DEFAULT_COLOURS);
    expect(palette).toHaveLength(4 * PALETTE_LENGTH);
    expect(palette.slice(0, 1024)).toEqual(colourTable("viridis"));
    expect([UNDER, OVER, BAD, POSITIVE_INFINITY, NEGATIVE_INFINITY].map((place) => at(palette, place))).toEqual([
      "68,1,84,255",
      "253,231,37,255",
      "255,0,255,255",
      "255,0,0,255",
      "0,0,255,255",
    ]);
  });

  it("is turned round with the map, and has the colours chosen", () => {
    const colours = { ...DEFAULT_COLOURS, inverted: true, over: "#0102ff", bad: "#A0b0C0" };
    const palette = paletteOf(colours);
    expect([0, 255, UNDER, OVER, BAD].map((place) => at(palette, place))).toEqual([
      "253,231,37,255",
      "68,1,84,255",
      "253,231,37,255",
      "1,2,255,255",
      "160,176,192,255",
    ]);
    expect(samePalette(colours, { ...colours })).toBe(true);
    expect(samePalette(colours, { ...colours, under: "#000000" })).toBe(false);
  });

  it("takes the end of the map for what is no colour", () => {
    expect(at(paletteOf({ ...DEFAULT_COLOURS, over: "red" }), OVER)).toBe("253,231,37,255");
  });
});
