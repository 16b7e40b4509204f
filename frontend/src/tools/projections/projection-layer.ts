/** Projections and their fits over the picture, aligned with its pixels: along the lower and the left edge. */

import type { Axis, GaussFit, Projection, Region } from "../../contract";
import { axisAt, axisIndex } from "../../analysis/axis";
import type { AnalysisModel } from "../../ui/analysis/analysis-model";
import type { EdgeScales } from "../../ui/stage/edge-scale";
import type { Layer } from "../../ui/stage/overlay";
import type { Placing } from "../../ui/stage/placing";
import { extremes, Trace } from "./projection-path";
import { incomparable } from "./reference";
import type { SettingsStore } from "../../ui/settings";

/** Part of the stage, and at most of the visible picture, that a profile takes. */
const PART_OF_STAGE = 0.2;
const PART_OF_PICTURE = 0.35;
/** Dark enough that light curves are readable over any colour map. */
const GROUND = "rgb(10 11 13 / 64%)";
const PROFILE = "#f4f6f8";
const FIT = "#ffb454";
const REFERENCE = "#7cd4ff";
const DASHES = [5, 4];

type Source = "x" | "y";

/** One of the two strips: where it lies on the stage and how its axis runs along the screen, CSS pixels. */
interface Strip {
  /** from left to right or from top to bottom: the part of the screen that has pixels of the region */
  from: number;
  to: number;
  /** the edge that the curves stand on, and how far they reach from it */
  base: number;
  depth: number;
}

export class ProjectionLayer implements Layer {
  readonly level = "curves";
  private readonly model: AnalysisModel;
  private readonly settings: SettingsStore;
  private readonly trace = new Trace();
  private readonly scales: EdgeScales;
  private rangesOf = "";

  constructor(model: AnalysisModel, settings: SettingsStore, scales: EdgeScales) {
    this.model = model;
    this.settings = settings;
    this.scales = scales;
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { analysis } = this.model;
    for (const name of ["x", "y"] as const) this.scales.setDrawn(name, null);
    if (!this.settings.now.projections.on || analysis === null || analysis.projections === null) return false;
    const of = `${analysis.channel} ${analysis.projections.region.join()} ${this.settings.now.projections.baseline}`;
    if (of !== this.rangesOf) {
      this.rangesOf = of;
      this.scales.reset();
    }
    const { transpose } = placing.view.orientation;
    this.drawStrip(context, placing, transpose ? "y" : "x", true);
    this.drawStrip(context, placing, transpose ? "x" : "y", false);
  }

  private drawStrip(context: CanvasRenderingContext2D, placing: Placing, source: Source, horizontal: boolean): void {
    const { analysis, reference, axes } = this.model;
    const projection = analysis?.projections?.[source];
    const range = projection === undefined ? null : extremes(projection.values);
    if (analysis === null || projection === undefined || range === null) return;
    const strip = stripOf(placing, source, horizontal, projection);
    if (strip === null) return;
    // The stream's sums are those of the whole image.
    const same =
      projection.values.length === (source === "x" ? placing.image.width : placing.image.height) &&
      isWhole(analysis.projections!.region, placing.image);
    const { baseline } = projection;
    const limits = this.scales.limits(source, range, baseline, same);
    const { from, to, base, depth } = strip;
    if (same) this.scales.setDrawn(source, { ...strip, low: limits[0] + baseline, high: limits[1] + baseline });
    context.save();
    // From here on along the strip is to the right and values go up, whatever edge it lies on.
    if (horizontal) context.translate(0, base);
    else context.transform(0, 1, -1, 0, base, 0);
    context.beginPath();
    context.rect(from, -depth, to - from, depth);
    context.clip();
    context.fillStyle = GROUND;
    context.fillRect(from, -depth, to - from, depth);
    const height = (value: number): number => (-(value - limits[0]) / (limits[1] - limits[0])) * depth;
    const along = alongOf(placing, source, horizontal);
    if (reference !== null && incomparable(reference, analysis.channel, axes) === null) {
      context.setLineDash(DASHES);
      this.drawProfile(context, placing, reference[source], along, strip, height, REFERENCE);
      this.drawFit(context, reference[source].fit, reference.axes[source], along, strip, height, REFERENCE);
      context.setLineDash([]);
    }
    // The fit is broader and lies below: both are seen where they agree.
    this.drawFit(context, projection.fit, axes[source], along, strip, height, FIT);
    this.drawProfile(context, placing, projection, along, strip, height, PROFILE);
    this.drawMarks(context, projection, axes[source], along, strip);
    context.restore();
  }

  private drawProfile(
    context: CanvasRenderingContext2D,
    placing: Placing,
    { values, first }: Projection,
    along: Along,
    { from, to }: Strip,
    height: (value: number) => number,
    colour: string,
  ): void {
    const { trace } = this;
    const { ratio } = placing;
    const start = (along.start + first * along.step) * ratio;
    trace.follow(values, start, along.step * ratio, from * ratio, to * ratio);
    context.beginPath();
    for (let index = 0; index < trace.count; index += 1) {
      const at = trace.at[index]! / ratio;
      const low = height(trace.low[index]!);
      context.lineTo(at, low);
      if (trace.high[index] !== trace.low[index]) context.lineTo(at, height(trace.high[index]!));
    }
    context.lineWidth = 1.25;
    context.lineJoin = "round";
    context.strokeStyle = colour;
    context.stroke();
  }

  private drawFit(
    context: CanvasRenderingContext2D,
    fit: GaussFit | null,
    axis: Axis,
    along: Along,
    { from, to }: Strip,
    height: (value: number) => number,
    colour: string,
  ): void {
    if (fit?.state !== "converged") return;
    const { offset, amplitude, mean, sigma } = fit;
    if (offset === null || amplitude === null || mean === null || sigma === null) return;
    context.beginPath();
    for (let at = from; at <= to; at += 1) {
      const distance = (axisAt(axis, (at - along.start) / along.step) - mean) / sigma;
      context.lineTo(at, height(offset + amplitude * Math.exp(-(distance * distance) / 2)));
    }
    context.lineWidth = colour === FIT ? 3 : 1.5;
    context.strokeStyle = colour;
    context.stroke();
  }

  /** The centre through the strip and one sigma on each side of it: of the fit, without one of the moments. */
  private drawMarks(
    context: CanvasRenderingContext2D,
    { fit, moments }: Projection,
    axis: Axis,
    along: Along,
    { depth }: Strip,
  ): void {
    const fitted = fit?.state === "converged";
    const centre = fitted ? fit.mean : moments.com;
    const width = fitted ? fit.sigma : moments.rms;
    if (centre === null) return;
    context.strokeStyle = fitted ? FIT : PROFILE;
    context.lineWidth = 1;
    context.beginPath();
    const tick = (value: number, part: number): void => {
      const index = axisIndex(axis, value);
      if (index === null) return;
      const at = along.start + index * along.step;
      context.moveTo(at, 0);
      context.lineTo(at, -depth * part);
    };
    tick(centre, 1);
    if (width !== null) for (const value of [centre - width, centre + width]) tick(value, 0.3);
    context.stroke();
  }
}

function isWhole([x, y, width, height]: Region, image: { width: number; height: number }): boolean {
  return x === 0 && y === 0 && width === image.width && height === image.height;
}

/** Where the centres of the pixels of the image lie along the screen: start + index * step, CSS pixels. */
interface Along {
  start: number;
  step: number;
}

function alongOf(placing: Placing, source: Source, horizontal: boolean): Along {
  const first = placing.toStage({ x: 0, y: 0 });
  const next = placing.toStage(source === "x" ? { x: 1, y: 0 } : { x: 0, y: 1 });
  return horizontal ? { start: first.x, step: next.x - first.x } : { start: first.y, step: next.y - first.y };
}

/** The strip at the edge of what is visible of the image; null when nothing of the region is. */
function stripOf(placing: Placing, source: Source, horizontal: boolean, { first, values }: Projection): Strip | null {
  const { size, image } = placing;
  const whole = placing.boxOf({ x: 0, y: 0, ...image });
  const left = Math.max(whole.x, 0);
  const right = Math.min(whole.x + whole.width, size.width);
  const top = Math.max(whole.y, 0);
  const bottom = Math.min(whole.y + whole.height, size.height);
  const region = placing.boxOf(
    source === "x"
      ? { x: first, y: 0, width: values.length, height: image.height }
      : { x: 0, y: first, width: image.width, height: values.length },
  );
  const from = horizontal ? Math.max(region.x, left) : Math.max(region.y, top);
  const to = horizontal ? Math.min(region.x + region.width, right) : Math.min(region.y + region.height, bottom);
  if (!(to > from) || !(right > left) || !(bottom > top)) return null;
  const depth = horizontal
    ? Math.min(size.height * PART_OF_STAGE, (bottom - top) * PART_OF_PICTURE)
    : Math.min(size.width * PART_OF_STAGE, (right - left) * PART_OF_PICTURE);
  return { from, to, base: horizontal ? bottom : left, depth };
}
