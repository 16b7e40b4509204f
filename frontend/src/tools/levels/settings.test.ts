import { describe, expect, it } from "vitest";
import type { Colours } from "../../contract";
import { AUTO_LEVELS } from "../../defaults";
import { DEFAULT_SETTINGS as DEFAULT, type Settings } from "../../ui/settings";
import { formatHash, parseHash } from "../../ui/settings/address";

const withColours = (colours: Partial<Colours>): Settings => ({
  ...DEFAULT,
  colours: { ...DEFAULT.colours, ...colours },
});
const auto = (change: object): Colours["levels"] => ({ ...AUTO_LEVELS, ...change }) as Colours["levels"];

describe("colours in the URL", () => {
  it.each<[string, Partial<Colours>]>([
    ["#map=RdBu&inverted=1", { colourMap: "RdBu", inverted: true }],
    ["#scale=log", { scale: "log" }],
    ["#scale=gamma&gamma=0.7", { scale: "gamma", gamma: 0.7 }],
    ["#under=0000ff&over=ff0000&bad=00ff00", { under: "#0000ff", over: "#ff0000", bad: "#00ff00" }],
    ["#levels=-1.5,4095", { levels: { mode: "manual", low: -1.5, high: 4095 } }],
    ["#levels=full", { levels: { mode: "full" } }],
    ["#levels=minmax", { levels: auto({ rule: "minmax" }) }],
    ["#levels=percentile,5,99.9", { levels: auto({ rule: "percentile", percentiles: [5, 99.9] }) }],
    ["#levels=sigma,2.5", { levels: auto({ rule: "sigma", sigmas: 2.5 }) }],
    ["#levels=minmax&levels-of=visible", { levels: auto({ rule: "minmax", of: "visible" }) }],
    ["#levels-of=roi", { levels: auto({ of: "roi" }) }],
    ["#reduce=max", { reduce: "max" }],
  ])("%s is written and read", (hash, colours) => {
    expect(formatHash(withColours(colours))).toBe(hash);
    expect(parseHash(hash)).toEqual(withColours(colours));
  });

  it("hold the saturation that was set", () => {
    expect(formatHash({ ...DEFAULT, saturation: 4095 })).toBe("#saturation=4095");
    expect(parseHash("#saturation=4095").saturation).toBe(4095);
  });

  it.each([
    "#inverted=yes",
    "#scale=cubic",
    "#scale=__proto__",
    "#gamma=0",
    "#gamma=-1",
    "#gamma=x",
    "#gamma=100",
    "#under=red",
    "#over=fff",
    "#bad=gggggg",
    "#levels=percentile",
    "#levels=percentile,99,1",
    "#levels=percentile,-1,50",
    "#levels=percentile,1,101",
    "#levels=sigma",
    "#levels=sigma,0",
    "#levels=sigma,a",
    "#levels=sigma,1,2",
    "#levels=auto",
    "#levels=constructor",
    "#levels-of=all",
    "#reduce=min",
    "#saturation=0",
    "#saturation=-5",
    "#saturation=many",
    "#saturation=",
  ])("ignore %s", (hash) => {
    expect(parseHash(hash)).toEqual(DEFAULT);
  });

  it("keep what is sound beside what is broken", () => {
    expect(parseHash("#map=hot&scale=cubic&levels=full")).toEqual(
      withColours({ colourMap: "hot", levels: { mode: "full" } }),
    );
  });
});
