/** What the processing server did and found, in plain words. Pure. */

import { compactNumber } from "../format";
import type { Pipeline } from "./pipeline";
import type { Parameters } from "./pipeline-parameters";

export type Line = [what: string, text: string];

/** Rows of numbers along both axes. */
export type AxisRow = [what: string, x: number | null, y: number | null, unit: string];

const BACKGROUND = {
  off: "not subtracted",
  on: "subtracted, nothing below zero",
  passive: "passive: loaded, not subtracted",
  signed: "subtracted, negative values kept",
} as const;

/** What was done with the image before it was sent, one line for each step. */
export function processingLines(parameters: Parameters): Line[] {
  const { region, goodRegion, slices, averaging, rotation, mirrorX, mirrorY, binning } = parameters;
  return [
    ...(parameters.camera === null ? [] : [["Camera", parameters.camera] as Line]),
    ["Background", backgroundText(parameters)],
    ["Threshold", parameters.threshold === null ? "none" : `${compactNumber(parameters.threshold)}: less is zero`],
    ["Region of interest", region === null ? "whole image" : regionText(region)],
    [
      "Good region",
      goodRegion === null
        ? "none"
        : `above ${compactNumber(goodRegion.threshold)} of the peak${goodRegion.scale === null ? "" : `, ${compactNumber(goodRegion.scale)} times as wide`}`,
    ],
    [
      "Slices",
      slices === null
        ? "none"
        : `${compactNumber(slices.number)}${slices.orientation === null ? "" : `, ${slices.orientation}`}${slices.scale === null ? "" : `, over ${compactNumber(slices.scale)} σ`}`,
    ],
    ["Averaging", averaging === null || Math.abs(averaging) <= 1 ? "none" : `${compactNumber(averaging)} images`],
    ["Rotation", rotation === null || rotation === 0 ? "none" : `${compactNumber(rotation)}°`],
    ["Mirrored", [...(mirrorX ? ["x"] : []), ...(mirrorY ? ["y"] : [])].join(" and ") || "no"],
    ["Binning", binning[0] === 1 && binning[1] === 1 ? "none" : `${binning[0]} × ${binning[1]} pixels`],
  ];
}

/** What the server found along both axes. */
export function axisRows({ x, y, goodRegion }: Pipeline): AxisRow[] {
  const rows: AxisRow[] = [
    ["Centre of mass", x.com, y.com, "µm"],
    ["rms", x.rms, y.rms, "µm"],
    ["FWHM", x.fwhm, y.fwhm, "µm"],
    ["Full width", x.fw, y.fw, "µm"],
    ["Fit mean", x.fit?.mean ?? null, y.fit?.mean ?? null, "µm"],
    ["Fit σ", x.fit?.sigma ?? null, y.fit?.sigma ?? null, "µm"],
    ["Fit amplitude", x.fit?.amplitude ?? null, y.fit?.amplitude ?? null, ""],
    ["Fit offset", x.fit?.offset ?? null, y.fit?.offset ?? null, ""],
    ["Good region mean", goodRegion?.fitX?.mean ?? null, goodRegion?.fitY?.mean ?? null, "µm"],
    ["Good region σ", goodRegion?.fitX?.sigma ?? null, goodRegion?.fitY?.sigma ?? null, "µm"],
  ];
  return rows;
}

/** Numbers of the whole image. */
export function imageLines({ intensity, min, max, goodRegion, slices, coupling }: Pipeline): Line[] {
  const number = (value: number | null | undefined): string => numberText(value ?? null);
  return [
    ["Intensity", number(intensity)],
    ["Lowest, highest pixel", `${number(min)}, ${number(max)}`],
    [
      "Good region",
      goodRegion === null
        ? "–"
        : `${regionText([goodRegion.x, goodRegion.y, goodRegion.width, goodRegion.height])}, intensity ${number(goodRegion.intensity)}`,
    ],
    ["Slices", slices === null ? "–" : `${slices.slices.length}, each ${number(slices.length)} µm wide`],
    ["Coupling", coupling === null ? "–" : `${number(coupling.value)} µm², slope ${number(coupling.slope)}`],
  ];
}

/** What is wrong with the picture in the words of the server; null: nothing. */
export function problemOf(parameters: Parameters | null): { title: string; text: string } | null {
  if (parameters === null) return null;
  if (parameters.error !== null) return { title: "Processing failed at the source", text: parameters.error };
  const { background } = parameters;
  if (background === null || background.ok !== false || background.state === "off") return null;
  const name = background.name === null ? "" : ` ${background.name}`;
  return { title: "Background not good", text: `The source says that its background${name} does not fit this image.` };
}

export function numberText(value: number | null): string {
  return value === null ? "–" : compactNumber(value);
}

function backgroundText({ background }: Parameters): string {
  if (background === null) return "not told";
  const name = background.name === null || background.state === "off" ? "" : ` (${background.name})`;
  const bad = background.ok === false && background.state !== "off" ? ", NOT GOOD" : "";
  return `${BACKGROUND[background.state]}${name}${bad}`;
}

function regionText([x, y, width, height]: readonly number[]): string {
  return `${width} × ${height} pixels from (${x}, ${y})`;
}
