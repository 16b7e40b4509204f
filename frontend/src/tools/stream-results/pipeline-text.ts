/** What the processing server did and found, in plain words. Pure. */

import { compactNumber } from "../../ui/format";
import type { Coupling, Pipeline } from "./pipeline";
import { streamUnit } from "../../ui/stage/calibration";
import type { Parameters, RegionOfInterest } from "./pipeline-parameters";

export type Line = [what: string, text: string];

/** Rows of numbers along both axes. */
export type AxisRow = [what: string, x: number | null, y: number | null, unit: string];

const BACKGROUND = {
  off: "not subtracted",
  on: "subtracted, nothing below zero",
  passive: "passive: loaded, not subtracted",
  signed: "subtracted, negative values kept",
} as const;

/** What was done with the image before it was sent, one line for each step, in the order of the steps. */
export function processingLines(parameters: Parameters): Line[] {
  const { goodRegion, slices, averaging, imageAveraging, imageScale, imageOffset, fullWidth, mirrorX, mirrorY } =
    parameters;
  return [
    ...optional("Camera", parameters.camera),
    ["Averaging", averaging === null ? "none" : averagingText(averaging)],
    ["Binning", binningText(parameters)],
    ["Background", backgroundText(parameters)],
    ["Mirrored", [...(mirrorX ? ["x"] : []), ...(mirrorY ? ["y"] : [])].join(" and ") || "no"],
    ["Rotation", rotationText(parameters)],
    [
      "Region of interest",
      parameters.region === null
        ? parameters.regionUnknown
          ? "not understood"
          : "whole image"
        : cutText(parameters.region),
    ],
    [
      "Threshold",
      parameters.threshold === null ? "none" : `${compactNumber(parameters.threshold)}: less is zero (counts)`,
    ],
    [
      "Image averaging",
      imageAveraging === null
        ? "none"
        : `the mean of the last ${compactNumber(imageAveraging)} images, after the threshold`,
    ],
    ["Scale", imageScale === null ? "none" : `values times ${compactNumber(imageScale)}`],
    ["Offset", imageOffset === null ? "none" : `${compactNumber(imageOffset)} counts added`],
    ...optional("Computed by", parameters.script && `the script ${parameters.script}`),
    ["Full width", fullWidth === null ? "none but at half" : `at ${compactNumber(fullWidth)} of the height`],
    [
      "Good region",
      goodRegion === null
        ? "none"
        : `above ${compactNumber(goodRegion.threshold)} of the peak, ${compactNumber(goodRegion.scale)} times as wide`,
    ],
    [
      "Slices",
      slices === null
        ? "none"
        : `${slicesText(slices.number)}, ${slices.orientation}, over ${compactNumber(slices.scale)} σ`,
    ],
  ];
}

function optional(what: string, text: string | null): Line[] {
  return text === null ? [] : [[what, text]];
}

function averagingText({ frames, mode }: NonNullable<Parameters["averaging"]>): string {
  if (frames === 1) return "of 1 image: none";
  return mode === "last" ? `continuous, the mean of the last ${frames} images` : `${frames} images become one`;
}

function binningText({ binning: [x, y], binningMean }: Parameters): string {
  return x === 1 && y === 1 ? "none" : `${x} × ${y} pixels, their ${binningMean ? "mean" : "sum"}`;
}

function rotationText({ rotation }: Parameters): string {
  if (rotation === null) return "none";
  return `${compactNumber(rotation.angle)}° counter-clockwise${rotation.ortho ? ", rows become columns where odd quarters are turned" : ""}`;
}

function cutText({ offsetX, sizeX, offsetY, sizeY }: RegionOfInterest): string {
  return regionText([offsetX, offsetY, sizeX, sizeY]);
}

/** The server adds one to an even number, so that a slice lies in the middle. */
function slicesText(number: number): string {
  return number % 2 === 0
    ? `${compactNumber(number + 1)} (${compactNumber(number)} and one in the middle)`
    : compactNumber(number);
}

/** What the server found along both axes. */
export function axisRows({ x, y, goodRegion, parameters }: Pipeline): AxisRow[] {
  const units = [streamUnit(x.axis), streamUnit(y.axis)];
  const unit = units[0] === units[1] ? units[0]! : units.join(", ");
  const threshold = parameters?.fullWidth ?? null;
  return [
    ["Centre of mass", x.com, y.com, unit],
    ["rms", x.rms, y.rms, unit],
    ["FWHM", x.fwhm, y.fwhm, unit],
    [threshold === null ? "Full width" : `Full width at ${compactNumber(threshold)}`, x.fw, y.fw, unit],
    ["Fit mean", x.fit?.mean ?? null, y.fit?.mean ?? null, unit],
    ["Fit σ", x.fit?.sigma ?? null, y.fit?.sigma ?? null, unit],
    ["Fit amplitude", x.fit?.amplitude ?? null, y.fit?.amplitude ?? null, "counts"],
    ["Fit offset", x.fit?.offset ?? null, y.fit?.offset ?? null, "counts"],
    ["Good region mean", goodRegion?.fitX?.mean ?? null, goodRegion?.fitY?.mean ?? null, unit],
    ["Good region σ", goodRegion?.fitX?.sigma ?? null, goodRegion?.fitY?.sigma ?? null, unit],
  ];
}

/** Numbers of the whole image. */
export function imageLines({ x, y, intensity, min, max, goodRegion, slices, coupling }: Pipeline): Line[] {
  const number = (value: number | null | undefined, unit: string): string =>
    typeof value === "number" ? `${numberText(value)} ${unit}` : numberText(null);
  const [unitX, unitY] = [streamUnit(x.axis), streamUnit(y.axis)];
  const along = slices?.along === "y" ? unitY : unitX;
  return [
    ["Intensity", number(intensity, "counts")],
    ["Lowest pixel", number(min, "counts")],
    ["Highest pixel", number(max, "counts")],
    [
      "Good region",
      goodRegion === null ? "–" : regionText([goodRegion.x, goodRegion.y, goodRegion.width, goodRegion.height]),
    ],
    ["Its intensity", number(goodRegion?.intensity, "counts")],
    ["Slices", slices === null ? "–" : `${slices.slices.length}, each ${number(slices.length, along)} wide`],
    ["Coupling", coupling === null ? "–" : couplingText(coupling, unitX, unitY)],
  ];
}

/** The line that the server always fits along x, whichever way the slices lie. */
function couplingText({ value, slope, offset }: Coupling, unitX: string, unitY: string): string {
  const line = `y = ${numberText(slope)} x ${offset < 0 ? "−" : "+"} ${numberText(Math.abs(offset))} ${unitY}`;
  return `${value === null ? "" : `${numberText(value)} ${unitX}², `}${line}`;
}

/** What is wrong with the picture in the words of the server; null: nothing. */
export function problemOf(parameters: Parameters | null): { title: string; text: string } | null {
  if (parameters === null) return null;
  if (parameters.error !== null) return { title: "Processing failed at the source", text: parameters.error };
  const { background } = parameters;
  if (background.ok !== false || background.state === "off") return null;
  const name = background.name === null ? "" : ` ${background.name}`;
  return { title: "Background not good", text: `The source says that its background${name} does not fit this image.` };
}

export function numberText(value: number | null): string {
  return value === null ? "–" : compactNumber(value);
}

function backgroundText({ background }: Parameters): string {
  const name = background.name === null || background.state === "off" ? "" : ` (${background.name})`;
  const bad = background.ok === false && background.state !== "off" ? ", NOT GOOD" : "";
  return `${BACKGROUND[background.state]}${name}${bad}`;
}

function regionText([x, y, width, height]: readonly number[]): string {
  return `${width} × ${height} pixels from (${x}, ${y})`;
}
