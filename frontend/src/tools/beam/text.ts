/** The beam in words and numbers. Pure. */

import type { Analysis, GaussFit, Orientation } from "../../contract";
import { withError } from "../../ui/analysis/uncertain";
import { compactNumber } from "../../ui/format";
import { shownTilt } from "./compute/ellipse";
import type { BeamFit, BeamShape, Measured } from "./compute/result";

export interface BeamRow {
  name: string;
  text: string;
  unit: string;
}

const NONE = "–";
const COUNTS = "counts";

/** How it stands with the fit, in words. */
export function stateText(fit: BeamFit): string {
  if (fit.state === "converged") return "converged";
  return { unsettled: "no convergence", clipped: "clipped", empty: "no beam" }[fit.state];
}

/** The tilt as the picture is shown; null where none is known. */
function tiltShown({ tilt }: BeamShape, orientation: Orientation): Measured | null {
  return tilt === null ? null : { value: shownTilt(tilt.value, orientation), error: tilt.error };
}

/** Rows of the table; none without numbers. */
export function beamRows(fit: BeamFit, orientation: Orientation): BeamRow[] {
  if (fit.state !== "converged") return [];
  const { unit, profiles } = fit;
  const row = (name: string, value: Measured | null, of: string): BeamRow => ({ name, text: textOf(value), unit: of });
  const sigma = (name: string, of: GaussFit | undefined): BeamRow => ({
    name,
    text: of?.state === "converged" && of.sigma !== null ? withError(of.sigma, of.errors?.[3] ?? null) : NONE,
    unit,
  });
  return [
    row("centre x", fit.centre.x, unit),
    row("centre y", fit.centre.y, unit),
    row("major diameter", fit.major, unit),
    row("minor diameter", fit.minor, unit),
    row("tilt", tiltShown(fit, orientation), "°"),
    row("ellipticity", fit.ellipticity, ""),
    row("diameter along x", fit.along.x, unit),
    row("diameter along y", fit.along.y, unit),
    sigma("fit sigma major", profiles?.major.fit),
    sigma("fit sigma minor", profiles?.minor.fit),
    row("light", fit.total, COUNTS),
    { name: "background", text: compactNumber(Number(fit.background.level.toPrecision(6))), unit: COUNTS },
  ];
}

/** What is to be doubted or known of the numbers, or why there are none; one sentence each. */
export function beamNotes(fit: BeamFit): string[] {
  if (fit.state !== "converged") return [fit.reason];
  const { saturated, circular, unitsDiffer, everyRow, grouped, background, profiles } = fit;
  const fits = profiles === null ? [] : [profiles.major.fit, profiles.minor.fit];
  return [
    ...(saturated ? ["Pixels of the beam are saturated."] : []),
    ...(circular ? ["Circular by ISO 11146: the ellipticity is above 0.87."] : []),
    ...(unitsDiffer ? ["In pixels, because the axes have no unit in common or cannot be used."] : []),
    ...(everyRow > 1 ? [`Of each ${ordinal(everyRow)} row.`] : []),
    ...(everyRow === 1 && background.everyRow > 1 ? [`Background of each ${ordinal(background.everyRow)} row.`] : []),
    ...(grouped > 1 ? [`Gaussian fits of groups of ${grouped} x ${grouped} pixels.`] : []),
    ...(profiles === null ? ["No Gaussian fits: the steps of an axis differ."] : []),
    ...["major", "minor"].flatMap((name, at) => {
      const one = fits[at];
      return one === undefined || one.state === "converged" || one.reason === null
        ? []
        : [`Fit ${name}: ${one.reason}`];
    }),
  ];
}

/** The essentials in one line. */
export function beamEssentials(fit: BeamFit, orientation: Orientation): string {
  if (fit.state !== "converged") return stateText(fit);
  const tilt = tiltShown(fit, orientation);
  const diameters = `D4σ ${textOf(fit.major)} × ${textOf(fit.minor)} ${fit.unit}`;
  return tilt === null ? diameters : `${diameters}  tilt ${textOf(tilt)}°`;
}

/** The whole card for a spreadsheet, separated by tabs. */
export function beamAsText(analysis: Analysis, fit: BeamFit, orientation: Orientation): string {
  const lines = [
    ["image", analysis.channel],
    ["pulse", String(analysis.pulse.pulseId)],
    ["2-D beam fit", stateText(fit)],
    ...beamRows(fit, orientation).map(({ name, text, unit }) => (unit === "" ? [name, text] : [name, text, unit])),
    ...beamNotes(fit).map((note) => ["note", note]),
  ];
  return lines.map((cells) => cells.join("\t")).join("\n");
}

function textOf(measured: Measured | null): string {
  return measured === null ? NONE : withError(measured.value, measured.error);
}

function ordinal(count: number): string {
  return count === 2 ? "second" : count === 3 ? "third" : `${count}th`;
}
