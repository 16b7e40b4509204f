import { describe, expect, it } from "vitest";
import type { Orientation } from "../contract";
import { UPRIGHT } from "../defaults";
import { mirrored, shownSize, toShown, toSource, turned } from "./orientation";

const SIZE = { width: 3, height: 2 };
const ALL: Orientation[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  transpose: (bits & 1) !== 0,
  mirrorX: (bits & 2) !== 0,
  mirrorY: (bits & 4) !== 0,
}));

/** The picture "abc" above "def" as it is shown. */
function picture(orientation: Orientation): string[] {
  const { width, height } = shownSize(orientation, SIZE);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const place = toSource(orientation, { x, y }, SIZE);
      return "abcdef"[place.y * SIZE.width + place.x];
    }).join(""),
  );
}

describe("the orientation", () => {
  it("shows the source's image as it is by default", () => {
    expect(picture(UPRIGHT)).toEqual(["abc", "def"]);
  });

  it("turns clockwise, and four times is none", () => {
    expect(picture(turned(UPRIGHT))).toEqual(["da", "eb", "fc"]);
    expect(picture(turned(turned(UPRIGHT)))).toEqual(["fed", "cba"]);
    for (const start of ALL) expect(turned(turned(turned(turned(start))))).toEqual(start);
  });

  it("mirrors what is seen, whatever was turned before", () => {
    expect(picture(mirrored(UPRIGHT, "x"))).toEqual(["cba", "fed"]);
    expect(picture(mirrored(UPRIGHT, "y"))).toEqual(["def", "abc"]);
    for (const start of ALL) {
      expect(picture(mirrored(start, "x"))).toEqual(picture(start).map((row) => [...row].reverse().join("")));
      expect(picture(mirrored(start, "y"))).toEqual([...picture(start)].reverse());
    }
  });

  it("turns every orientation as the picture turns", () => {
    for (const start of ALL) {
      const before = picture(start);
      const columns = before[0]!.length;
      const expected = Array.from({ length: columns }, (_, row) =>
        [...before]
          .reverse()
          .map((line) => line[row])
          .join(""),
      );
      expect(picture(turned(start))).toEqual(expected);
    }
  });

  it("brings places there and back", () => {
    for (const orientation of ALL) {
      const shown = toShown(orientation, { x: 1.25, y: -0.5 }, SIZE);
      expect(toSource(orientation, shown, SIZE)).toEqual({ x: 1.25, y: -0.5 });
    }
  });
});
