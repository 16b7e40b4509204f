import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS as DEFAULT, type Settings } from ".";
import { formatHash, parseHash } from "./address";

describe("the URL's memory", () => {
  it("is empty for the defaults", () => {
    expect(formatHash(DEFAULT)).toBe("");
    expect(parseHash("")).toEqual(DEFAULT);
  });

  it("gives everything back", () => {
    const state: Settings = {
      ...DEFAULT,
      colours: { ...DEFAULT.colours, colourMap: "inferno", levels: { mode: "manual", low: -1.5, high: 4095 } },
      image: "SARES20-CAMS142-M5:FPICTURE & more=<b>#,",
      slice: 3,
      format: "preview",
      focus: { x: 320.5, y: 240, zoom: 4 },
      beam: true,
    };
    expect(parseHash(formatHash(state))).toEqual(state);
  });

  it("is readable for usual names", () => {
    expect(
      formatHash({
        ...DEFAULT,
        image: "CAM1:FPICTURE",
        colours: { ...DEFAULT.colours, levels: { mode: "manual", low: 0, high: 100 } },
      }),
    ).toBe("#levels=0,100&image=CAM1:FPICTURE");
  });

  it.each([
    "#map=no-such-map",
    "#map=__proto__",
    "#levels=1",
    "#levels=5,1",
    "#levels=a,b",
    "#levels=,",
    "#levels=NaN,Infinity",
    "#view=1,2",
    "#view=1,2,0",
    "#view=1,2,-3",
    "#image=",
    "#slice=-1",
    "#slice=1.5",
    "#slice=many",
    "#format=png",
    "#format=constructor",
    "#beam=2",
    "#beam=true",
    "#unknown=1",
    "#%",
    "#%E0%A4%A",
  ])("ignores %s", (hash) => {
    expect(parseHash(hash)).toEqual(DEFAULT);
  });
});
