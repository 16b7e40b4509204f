import { describe, expect, it } from "vitest";
import type { ColourMapName } from "../contract";
import { colourTable, NAN_COLOUR, NEGATIVE_INFINITY_COLOUR, POSITIVE_INFINITY_COLOUR } from "./colourmaps";

const NAMES: ColourMapName[] = ["viridis", "gray", "inferno", "plasma", "cividis", "turbo"];

function colours(name: ColourMapName): string[] {
  const table = colourTable(name);
  return Array.from({ length: 256 }, (_, index) => table.slice(4 * index, 4 * index + 4).join());
}

describe("the colour maps", () => {
  it("have 256 opaque colours each, those of matplotlib", () => {
    for (const name of NAMES) expect(colours(name).every((colour) => colour.endsWith(",255"))).toBe(true);
    expect(colours("gray")).toEqual(Array.from({ length: 256 }, (_, value) => `${value},${value},${value},255`));
    expect([colours("viridis")[0], colours("viridis")[255]]).toEqual(["68,1,84,255", "253,231,37,255"]);
  });

  it("do not use the colours of NaN and the infinities", () => {
    const special = [NAN_COLOUR, POSITIVE_INFINITY_COLOUR, NEGATIVE_INFINITY_COLOUR].map((colour) =>
      [...colour, 255].join(),
    );
    for (const name of NAMES) for (const colour of special) expect(colours(name)).not.toContain(colour);
  });
});
