import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS as DEFAULT, type Settings } from ".";
import { formatHash, parseHash } from "./address";

describe("the view in the URL", () => {
  it("comes back as it was", () => {
    const settings: Settings = {
      ...DEFAULT,
      orientation: { transpose: true, mirrorX: false, mirrorY: true },
      axes: false,
      reticle: true,
      markers: [
        { x: 3, y: 4.5 },
        { x: -1, y: 0 },
      ],
      ruler: [
        { x: 1, y: 2 },
        { x: 3.5, y: 4 },
      ],
      calibration: { kind: "manual", stepX: 5.5, stepY: -2, origin: { x: 320, y: 240 }, unit: "um" },
    };
    expect(formatHash(settings)).toBe(
      "#turn=5&axes=0&reticle=1&marker=3,4.5&marker2=-1,0&ruler=1,2,3.5,4&cal=5.5,-2,320,240,um",
    );
    expect(parseHash(formatHash(settings))).toEqual(settings);
  });

  it("may have the second marker alone, and pixels instead of the stream's axes", () => {
    const settings: Settings = { ...DEFAULT, markers: [null, { x: 1, y: 2 }], calibration: { kind: "pixel" } };
    expect(parseHash(formatHash(settings))).toEqual(settings);
  });

  it.each([
    "#turn=8",
    "#turn=-1",
    "#turn=x",
    "#axes=no",
    "#reticle=yes",
    "#marker=1",
    "#marker=a,b",
    "#ruler=1,2,3",
    "#cal=1,2",
    "#cal=0,1,0,0,um",
    "#cal=1,1,0,0,",
    "#cal=1,1,0,0,a-very-long-unit",
    "#cal=NaN,1,0,0,um",
  ])("ignores %s", (hash) => {
    expect(parseHash(hash)).toEqual(DEFAULT);
  });
});
