/** Results of the projections as text: numbers with their uncertainties, never those of a fit that failed. Pure. */

import type { Analysis, Baseline, GaussFit, Projection } from "../../contract";
import { axisUnit } from "../../analysis/axis";
import { compactNumber } from "../../ui/format";
import type { Axes } from "../../ui/stage/measure";
import { difference, incomparable, type Difference, type Reference } from "./reference";
import { sourceText } from "../../ui/analysis/source-text";
import { signed, withError } from "../../ui/analysis/uncertain";

export interface ResultRow {
  name: string;
  x: string;
  y: string;
  /** where it is not that of the axes, which stands in the head; "": it is */
  unit: string;
  /** differences from the reference; "" without */
  deltaX: string;
  deltaY: string;
}

const NONE = "–";
/** The unit of the values of pixels and of their sums, whatever the camera counts. */
export const COUNTS = "counts";
const FIGURES_OF_DIFFERENCE = 4;

/** Rows of the table; the units of the axes stand in its head. */
export function resultRows(analysis: Analysis, axes: Axes, reference: Reference | null): ResultRow[] {
  const { projections } = analysis;
  if (projections === null) return [];
  const { x, y } = projections;
  const compared = reference !== null && incomparable(reference, analysis.channel, axes) === null ? reference : null;
  const deltas = {
    x: compared === null ? null : difference(x, compared.x),
    y: compared === null ? null : difference(y, compared.y),
  };
  const row = (name: string, unit: string, text: (of: Projection) => string, delta?: keyof Difference): ResultRow => ({
    name,
    x: text(x),
    y: text(y),
    unit,
    deltaX: delta === undefined ? "" : deltaText(deltas.x, delta),
    deltaY: delta === undefined ? "" : deltaText(deltas.y, delta),
  });
  const fitted = x.fit !== null || y.fit !== null;
  return [
    ...(fitted
      ? [
          row("fit", "", ({ fit }) => fitState(fit)),
          row("mean", "", ({ fit }) => parameter(fit, "mean"), "mean"),
          row("sigma", "", ({ fit }) => parameter(fit, "sigma"), "sigma"),
          row("amplitude", COUNTS, ({ fit }) => parameter(fit, "amplitude")),
          row("offset", COUNTS, ({ fit }) => parameter(fit, "offset")),
        ]
      : []),
    row("centre of mass", "", ({ moments }) => plain(moments.com), "com"),
    row("rms", "", ({ moments }) => plain(moments.rms), "rms"),
    row("FWHM", "", ({ moments }) => plain(moments.fwhm)),
    x.offset !== null || y.offset !== null
      ? row("offset taken off", COUNTS, ({ offset }) => plain(offset?.value ?? null))
      : row("baseline", COUNTS, ({ baseline }) => plain(baseline)),
  ];
}

/** What is to be doubted, one sentence for each axis and cause. */
export function warnings({ projections }: Analysis): string[] {
  if (projections === null) return [];
  return (["x", "y"] as const).flatMap((name) => {
    const { fit } = projections[name];
    if (fit === null || fit.mark === null) return [];
    return fit.mark === "saturated"
      ? [`${name}: pixels are saturated, the fit is to be doubted.`]
      : [`${name}: the beam is cut off by the border (clipped), the fit is to be doubted.`];
  });
}

/** Why a fit failed, and what was done without it, one sentence for each axis. */
export function failures({ projections }: Analysis): string[] {
  if (projections === null) return [];
  return (["x", "y"] as const).flatMap((name) => {
    const { fit, offset, moments } = projections[name];
    return [
      ...(fit === null || fit.state === "converged" || fit.reason === null ? [] : [`${name}: ${fit.reason}`]),
      ...(offset?.fitted === false
        ? [
            `${name}: Without a fit the smallest value is taken off for centre of mass and rms, as the facility's server does.`,
          ]
        : []),
      ...(moments.extrapolated === true
        ? [
            `${name}: The profile does not fall to half of its height; its FWHM is extrapolated, as the facility's server does.`,
          ]
        : []),
    ];
  });
}

/** How centre of mass and rms are defined with a baseline, in words. */
export function definitionText(baseline: Baseline): string {
  return {
    facility:
      "Centre of mass and rms as the facility's server has them: without the offset of the fit, within 5 sigma of it.",
    none: "Centre of mass and rms of the raw profile, with its pedestal.",
    minimum: "Centre of mass, rms and fit of the profile without its smallest value.",
    border: "Centre of mass, rms and fit of the profile without the median of its border.",
  }[baseline];
}

/** The essentials of one axis in one line, with its unit; of the moments where there is no fit. */
export function essentials({ fit, moments }: Projection, unit: string): string {
  if (fit === null) return `centre ${plain(moments.com)} ${unit}  rms ${plain(moments.rms)} ${unit}`;
  if (fit.state !== "converged") return `fit ${fitState(fit)}`;
  return `mean ${parameter(fit, "mean")} ${unit}  σ ${parameter(fit, "sigma")} ${unit}`;
}

/** The whole table for a spreadsheet, separated by tabs. */
export function resultsAsText(
  analysis: Analysis,
  axes: Axes,
  reference: Reference | null,
  baseline?: Baseline,
): string {
  const rows = resultRows(analysis, axes, reference);
  const compared = rows.some(({ deltaX, deltaY }) => deltaX !== "" || deltaY !== "");
  const head = ["", `x (${axisUnit(axes.x)})`, `y (${axisUnit(axes.y)})`, ...(compared ? ["Δx", "Δy"] : [])];
  const lines = rows.map(({ name, x, y, unit, deltaX, deltaY }) => [
    name,
    x,
    y,
    ...(compared ? [deltaX, deltaY] : []),
    ...(unit === "" ? [] : [unit]),
  ]);
  const about = [
    ["image", analysis.channel],
    ["pulse", String(analysis.pulse.pulseId)],
    ["computed of", sourceText(analysis)],
    ...(baseline === undefined ? [] : [["definition", definitionText(baseline)]]),
    ...(analysis.projections === null
      ? []
      : [["region x, y, width, height (px)", analysis.projections.region.join(", ")]]),
  ];
  return [...about, head, ...lines].map((cells) => cells.join("\t")).join("\n");
}

function fitState(fit: GaussFit | null): string {
  if (fit === null) return NONE;
  return { converged: "converged", failed: "failed", empty: "nothing to fit" }[fit.state];
}

const ERROR_OF = { offset: 0, amplitude: 1, mean: 2, sigma: 3 } as const;

function parameter(fit: GaussFit | null, name: keyof typeof ERROR_OF): string {
  const value = fit?.state === "converged" ? fit[name] : null;
  return value === null ? NONE : withError(value, fit?.errors?.[ERROR_OF[name]] ?? null);
}

function plain(value: number | null): string {
  return value === null || !Number.isFinite(value) ? NONE : compactNumber(Number(value.toPrecision(7)));
}

function deltaText(differences: Difference | null, name: keyof Difference): string {
  const value = differences?.[name] ?? null;
  return value === null ? "" : `Δ ${signed(value, FIGURES_OF_DIFFERENCE)}`;
}
