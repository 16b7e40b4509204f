import { describe, expect, it } from "vitest";
import type { Status } from "../contract";
import { mayBeColour, offersColour } from "./colour-choice";
import { formatHash, parseHash } from "./settings/address";

describe("colour or slices", () => {
  it("is a question for three dimensions of which the first or the last is 3 or 4", () => {
    for (const shape of [
      [10, 20, 3],
      [3, 10, 20],
      [10, 20, 4],
      [4, 4, 4],
    ])
      expect(mayBeColour(shape)).toBe(true);
    for (const shape of [[10, 20], [3], [10, 3, 20], [5, 10, 20], [3, 10, 20, 3]])
      expect(mayBeColour(shape)).toBe(false);
  });

  it("is offered for the image on screen, or the one that is wanted", () => {
    const images = [
      { name: "a", dtype: "uint16", shape: [3, 10, 20] },
      { name: "b", dtype: "uint16", shape: [10, 20] },
    ];
    const status = { images, defaultImage: "b" } as unknown as Status;
    expect(offersColour(null, status, "a")).toBe(true);
    expect(offersColour(null, status, null)).toBe(false);
    expect(offersColour(null, null, null)).toBe(false);
  });

  it("is kept in the address", () => {
    expect(parseHash("#colour=slices").colour).toBe("slices");
    expect(parseHash("#colour=blue").colour).toBe("auto");
    expect(formatHash({ ...parseHash(""), colour: "colour" })).toBe("#colour=colour");
    expect(formatHash(parseHash(""))).toBe("");
  });
});
