/** What is sent of the image, why that and no more, and what would change it: in words. */

import type { Choice, ImageFormat, Shown, Status } from "../../contract";
import { formatBytes, formatRate } from "../format";
import type { FieldText } from "./status-text";

const WHAT: Record<Choice, string> = {
  exact: "the whole image, every value as the source sent it",
  crop: "the part that is in view, every value as the source sent it",
  float32: "the whole image, its doubles rounded to 32-bit floats",
  preview: "a preview: 8-bit gray of the image, coloured here; no number is read from it",
};

/** By `status.you.why`: the reason, and what to do about it. */
const WHY: Record<string, [why: string, change: string]> = {
  wish: ["it was chosen on this page", "Choose “automatic” above the picture."],
  link: [
    "the exact image would take this link or this browser too long",
    "It comes back by itself when the link allows. Pause, or zoom in, for exact pixels.",
  ],
  limit: [
    "the server’s bandwidth limit would hold exact images back",
    "It comes back by itself when fewer viewers share the limit. Pause, or zoom in, for exact pixels.",
  ],
  start: ["how much the link carries is not measured yet", "It is decided within seconds, by itself."],
  zoom: ["only a part of the image is in view", "Fit the whole picture (0)."],
  pause: ["the picture is paused", "Resume (p)."],
  encoders: [
    "the server makes as many different pictures as it can; this one is shared with others",
    "It comes back by itself when another viewer leaves or looks at the same part.",
  ],
};

/** For `wish`, where exact pixels may have been asked for on behalf of a person who left the choice automatic. */
const WHY_EXACT: [why: string, change: string] = [
  "exact pixels were chosen on this page, or what it computes needs them",
  "Choose “automatic” above the picture, and do without regions, a line, printed values and processing.",
];

/** How a preview or a part is called in a word or two. */
export function choiceName(shown: Shown): string {
  return shown.choice === "preview" ? `preview 1:${shown.binning}` : shown.choice;
}

/** True for what is not exactly what the source sent. */
export function isReduced(choice: Choice): boolean {
  return choice === "preview" || choice === "float32";
}

/** `rate`: pictures shown a second; null while paused. */
export function choiceField(shown: Shown, you: Status["you"] | null, rate: number | null): FieldText {
  const bytes = shown.choice === "preview" ? "" : ` ${shortBytes(shown.bytes)}`;
  const binning: [string, string][] =
    shown.binning > 1
      ? [["a pixel of it", `the mean of ${shown.binning} × ${shown.binning} pixels of the source`]]
      : [];
  const drawn: [string, string][] = shown.rounded === null ? [] : [["drawn", shown.rounded]];
  return {
    value: `${choiceName(shown)}${bytes}`,
    note: rate === null ? "paused" : `${shortRate(rate)} fps`,
    alarm: "none",
    reduced: isReduced(shown.choice),
    detail: [
      ["on screen", WHAT[shown.choice]],
      ...reasons(you),
      ...binning,
      ["sent as", `${shown.format}, ${formatBytes(shown.bytes)}`],
      ...drawn,
      ["drawn with", shown.renderer === "webgl2" ? "WebGL 2" : "Canvas 2D"],
    ],
  };
}

function reasons(you: Status["you"] | null): [string, string][] {
  if (you === null || you.choice === null) return [];
  if (you.why === null) return [["why", "nothing speaks against the whole exact image"]];
  const known = you.why === "wish" && (you.choice === "exact" || you.choice === "crop") ? WHY_EXACT : WHY[you.why];
  return known === undefined
    ? [["why", you.why]]
    : [
        ["why", known[0]],
        ["what changes it", known[1]],
      ];
}

/** Two figures are enough for a size that changes with each picture. */
function shortBytes(bytes: number): string {
  const [unit, name] = bytes >= 995e3 ? [1e6, "MB"] : bytes >= 1000 ? [1e3, "kB"] : [1, "B"];
  const value = bytes / unit;
  return `${value >= 9.95 || unit === 1 ? Math.round(value) : value.toFixed(1)} ${name}`;
}

function shortRate(rate: number): string {
  return rate >= 9.5 ? String(Math.round(rate)) : formatRate(rate);
}

/** What a person may choose; `raw` and `bslz4` are ways to send what is exact. */
export const CHOICES: [ImageFormat, string][] = [
  ["auto", "automatic"],
  ["exact", "exact"],
  ["float32", "float32"],
  ["preview", "preview"],
];

export function isImageFormat(text: string): text is ImageFormat {
  return ["auto", "exact", "raw", "bslz4", "float32", "preview"].includes(text);
}
