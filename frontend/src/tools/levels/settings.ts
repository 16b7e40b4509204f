/** Colours, levels and the saturation of the camera. */

import type { AutoRule, Colours, Levels, LevelsOf, Reduce, ScaleName } from "../../contract";
import { AUTO_LEVELS, DEFAULT_COLOURS } from "../../defaults";
import { isColourMap } from "./colour-maps";
import { finiteNumbers, type Setting, simple } from "../../ui/settings/setting";

export const SCALES: readonly ScaleName[] = ["linear", "log", "symlog", "sqrt", "gamma", "asinh"];
const REDUCES: readonly Reduce[] = ["nearest", "mean", "max"];
const OFS: readonly LevelsOf[] = ["image", "visible", "roi"];

type AutoLevels = Extract<Levels, { mode: "auto" }>;

const colours: Setting<Colours> = {
  usual: DEFAULT_COLOURS,
  read(parameters) {
    const map = parameters.get("map") ?? "";
    return {
      colourMap: isColourMap(map) ? map : DEFAULT_COLOURS.colourMap,
      inverted: parameters.get("inverted") === "1",
      scale: oneOf(SCALES, parameters.get("scale")) ?? DEFAULT_COLOURS.scale,
      gamma: numberWithin(parameters.get("gamma"), isGamma) ?? DEFAULT_COLOURS.gamma,
      under: colourOf(parameters.get("under")) ?? DEFAULT_COLOURS.under,
      over: colourOf(parameters.get("over")) ?? DEFAULT_COLOURS.over,
      bad: colourOf(parameters.get("bad")) ?? DEFAULT_COLOURS.bad,
      levels: levelsOf(parameters.get("levels"), oneOf(OFS, parameters.get("levels-of"))),
      reduce: oneOf(REDUCES, parameters.get("reduce")) ?? DEFAULT_COLOURS.reduce,
    };
  },
  write({ colourMap, inverted, scale, gamma, under, over, bad, levels, reduce }, parameters) {
    const set = (name: string, value: string, usual: string): void => {
      if (value !== usual) parameters.set(name, value);
    };
    set("map", colourMap, DEFAULT_COLOURS.colourMap);
    if (inverted) parameters.set("inverted", "1");
    set("scale", scale, DEFAULT_COLOURS.scale);
    set("gamma", String(gamma), String(DEFAULT_COLOURS.gamma));
    if (under !== null) parameters.set("under", under.slice(1));
    if (over !== null) parameters.set("over", over.slice(1));
    set("bad", bad.slice(1), DEFAULT_COLOURS.bad.slice(1));
    set("levels", levelsText(levels), "");
    if (levels.mode === "auto") set("levels-of", levels.of, "image");
    set("reduce", reduce, DEFAULT_COLOURS.reduce);
  },
  tell: (worker, value) => worker.colours({ colours: value }),
};

/** value from which on pixels are saturated; null: guessed */
const saturation: Setting<number | null> = simple<number | null>(
  "saturation",
  null,
  (text) => numberWithin(text, (value) => value > 0) ?? undefined,
  String,
  { tell: (worker, value) => worker.want({ saturation: value }) },
);

/** Exponents that make a difference and can be drawn. */
export const levelSettings = { colours, saturation };

export function isGamma(value: number): boolean {
  return value >= 0.05 && value <= 10;
}

export function arePercentiles(low: number, high: number): boolean {
  return low >= 0 && low < high && high <= 100;
}

export function isSigmas(value: number): boolean {
  return value > 0 && value <= 100;
}

function levelsText(levels: Levels): string {
  if (levels.mode === "manual") return `${levels.low},${levels.high}`;
  if (levels.mode === "full") return "full";
  const texts: Record<AutoRule, string> = {
    steady: "",
    minmax: "minmax",
    percentile: `percentile,${levels.percentiles.join(",")}`,
    sigma: `sigma,${levels.sigmas}`,
  };
  return texts[levels.rule];
}

function levelsOf(text: string | null, of: LevelsOf | null): Levels {
  const automatic: AutoLevels = { ...(AUTO_LEVELS as AutoLevels), of: of ?? "image" };
  if (text === "full") return { mode: "full" };
  if (text === "minmax") return { ...automatic, rule: "minmax" };
  const [name, ...rest] = (text ?? "").split(",");
  if (name === "percentile") {
    const [low, high] = finiteNumbers(rest.join(","), 2) ?? [];
    const sound = low !== undefined && high !== undefined && arePercentiles(low, high);
    return sound ? { ...automatic, rule: "percentile", percentiles: [low, high] } : automatic;
  }
  if (name === "sigma") {
    const sigmas = numberWithin(rest.join(","), isSigmas);
    return sigmas === null ? automatic : { ...automatic, rule: "sigma", sigmas };
  }
  const [low, high] = finiteNumbers(text, 2) ?? [];
  return low !== undefined && high !== undefined && low < high ? { mode: "manual", low, high } : automatic;
}

function colourOf(text: string | null): string | null {
  return text !== null && /^[0-9a-f]{6}$/i.test(text) ? `#${text.toLowerCase()}` : null;
}

function oneOf<Name extends string>(names: readonly Name[], text: string | null): Name | null {
  return names.find((name) => name === text) ?? null;
}

function numberWithin(text: string | null, sound: (value: number) => boolean): number | null {
  const [value] = finiteNumbers(text, 1) ?? [];
  return value !== undefined && sound(value) ? value : null;
}
