import { axisValues } from "../analysis/axis";
import { applyBaseline } from "../tools/projections/compute/baseline";
import { gaussMark, gaussOf } from "../analysis/gauss";
import { histogram } from "../tools/levels/compute/histogram";
import { lineCut } from "../tools/line-cut/compute/line-cut";
import { facilityMoments, moments } from "../tools/projections/compute/moments";
import { type Box, project, type Sums as PixelSums } from "../analysis/project";
import { roiBox, roiStatistics } from "../tools/regions/compute/regions";
import type { NumberArray } from "../analysis/statistics";
import { wideLine } from "../tools/line-cut/compute/wide-line";
import { wideRegion } from "../tools/regions/compute/wide-region";
import type { Analysis, AnalysisWish, Axis, Projection, Region, RoiShape, Sample, SamplePlace } from "../contract";
import { isInteger } from "../protocol/dtypes";
import { needsWide } from "../render/distances";
import { WAITING_FOR_ALL, whyNoPixels } from "../live/needs";
import type { ToolBench } from "../tools/computing";
import { type Pixels, PixelViews } from "./pixel-views";

export type Findings = Pick<Analysis, "source" | "histogram" | "projections" | "rois" | "line" | "tools" | "missing">;

type ProjectionWish = NonNullable<AnalysisWish["projections"]>;
type Axes = AnalysisWish["axes"];
type Projections = NonNullable<Analysis["projections"]>;
type Sums = Extract<Sample["content"], { kind: "sums" }>;

const BINS = 256;
/** No image has room for a line of more pixels, which would only take memory. */
const MOST_LINE = 200_000;
const MOST_LINE_WIDTH = 1000;
const GONE = "The region of the projections is gone.";
const OUTSIDE = "The region of the projections lies beside the image.";

/** Computes what is wanted of a picture, from pixels as they were sent or what the server made of them. */
export class Examiner {
  private readonly views = new PixelViews();
  private readonly tools: ToolBench;
  private sums: PixelSums | undefined;
  private counts: Float64Array | undefined;

  constructor(tools: ToolBench) {
    this.tools = tools;
  }

  /** Arrays in the answer are used again for the next one. */
  examine(sample: Sample, wish: AnalysisWish): Findings {
    const { content } = sample;
    const nothing = { histogram: null, projections: null, rois: [], line: null, tools: {}, missing: null };
    switch (content.kind) {
      case "nothing":
        return { ...nothing, source: content.source, missing: content.why };
      case "sums":
        return { ...nothing, source: "server", ...this.ofPreview(content, sample, wish) };
      case "pixels": {
        const source = content.processed === null ? "pixels" : "processed";
        return { ...nothing, source, ...this.ofPixels(this.views.of(content), sample, wish) };
      }
    }
  }

  /** The server's exact sums; nothing is computed from the pixels of a preview. */
  private ofPreview(content: Sums, { format }: Sample, wish: AnalysisWish): Partial<Findings> {
    const { columns, rows, profiles: sent, saturated } = content;
    const [x, y] = [sent?.x?.values ?? null, sent?.y?.values ?? null];
    const missing: string[] = [];
    let projections: Projections | null = null;
    if (wish.projections?.roi === null) {
      if (x === null || y === null || x.length !== columns || y.length !== rows) {
        missing.push("The server sent no sums.");
      } else {
        projections = projectionsOf([0, 0, columns, rows], x, y, wish.projections, wish.axes, saturated);
      }
    }
    const counted = wish.histogram ? (sent?.histogram ?? null) : null;
    if (wish.histogram && counted === null) missing.push("The server sent no histogram.");
    const ofRoi = wish.projections !== null && wish.projections.roi !== null;
    if (ofRoi || wish.rois.length > 0 || wish.line !== null || wish.tools.length > 0) missing.push(whyNoPixels(format));
    return {
      projections,
      histogram: counted === null ? null : { counts: counted.counts.values, low: counted.low, width: counted.width },
      missing: sentence(missing),
    };
  }

  private ofPixels(pixels: Pixels, { saturation }: Sample, wish: AnalysisWish): Partial<Findings> {
    const { projections, rois, line, tools, axes } = wish;
    const { numbers, sent, place } = pixels;
    const wide = needsWide(pixels) ? pixels.wide : null;
    const { columns, rows } = place;
    const missing: string[] = [];
    const found: Partial<Findings> = {};
    if (projections !== null) {
      const shape = rois.find(({ id }) => id === projections.roi)?.shape;
      const box: Region | null =
        projections.roi === null ? [0, 0, columns, rows] : shape === undefined ? null : roiBox(shape, columns, rows);
      if (box === null) missing.push(GONE);
      else if (box[2] === 0 || box[3] === 0) missing.push(OUTSIDE);
      else if (!holds(place, box)) missing.push(WAITING_FOR_ALL);
      else found.projections = this.project(pixels, saturation, box, projections, axes);
    }
    if (wish.histogram && pixels.range !== null) {
      const counted = histogram(numbers, pixels.range, isInteger(pixels.dtype), BINS, this.counts);
      this.counts = counted.counts;
      found.histogram = counted;
    }
    found.rois = rois
      .filter(({ shape }) => isSound(shape))
      .map((roi) => {
        const statistics = roiStatistics(roi, numbers, place.width, place.height, place, place, axes);
        const exact = wide === null ? null : wideRegion(roi.shape, wide, place.width, place.height, place, place);
        if (exact === null) return statistics;
        const { sigma, ...whole } = exact;
        return { ...statistics, sigma, exact: whole };
      });
    if (found.rois.some((roi) => roi.missing > 0)) missing.push(WAITING_FOR_ALL);
    if (line !== null && isSound({ kind: "line", ...line }) && line.width <= MOST_LINE_WIDTH) {
      found.line = lineCut(line, numbers, place.width, place.height, place);
      if (wide !== null && line.width <= 1) found.line.exact = wideLine(line, wide, place.width, place.height, place);
      else if (wide !== null) found.line.rounded = true;
    }
    if (tools.length > 0 && !holds(place, [0, 0, columns, rows])) missing.push(WAITING_FOR_ALL);
    else found.tools = this.tools.compute(tools, { pixels: numbers, sent, columns, rows, axes, saturation });
    found.missing = sentence(missing);
    return found;
  }

  private project(
    { numbers, sent, place }: Pixels,
    saturation: number | null,
    region: Region,
    wish: ProjectionWish,
    axes: Axes,
  ): Projections {
    const box = { x: region[0] - place.x, y: region[1] - place.y, width: region[2], height: region[3] };
    const sums = (this.sums = project(numbers, place.width, box, this.sums));
    const saturated =
      saturation !== null && (sent === numbers ? sums.max >= saturation : reaches(sent, place.width, box, saturation));
    return projectionsOf(region, sums.x, sums.y, wish, axes, saturated);
  }
}

/** Takes the baseline from the sums `x` and `y` of a region, in place, and computes what is wanted of them. */
function projectionsOf(
  region: Region,
  x: Float64Array,
  y: Float64Array,
  wish: ProjectionWish,
  axes: Axes,
  saturated: boolean,
): Projections {
  const along = (values: Float64Array, first: number, axis: Axis): Projection => {
    const baseline = applyBaseline(values, wish.baseline);
    const positions = axisValues(axis, first, values.length);
    const facility = wish.baseline === "facility";
    const { fit, peak } = wish.fit || facility ? gaussOf(values, positions) : { fit: null, peak: null };
    return {
      first,
      values,
      baseline,
      offset: facility && peak !== null ? { value: peak.offset, fitted: peak.converged } : null,
      moments: facility ? facilityMoments(values, positions, peak) : moments(values, positions),
      fit: fit === null || !wish.fit ? null : { ...fit, mark: gaussMark(values, fit, positions, saturated) },
    };
  };
  return { region, x: along(x, region[0], axes.x), y: along(y, region[1], axes.y) };
}

function reaches(pixels: NumberArray, columns: number, { x, y, width, height }: Box, level: number): boolean {
  for (let row = y; row < y + height; row++) {
    const start = row * columns + x;
    for (let at = start; at < start + width; at++) if (pixels[at]! >= level) return true;
  }
  return false;
}

function holds(place: SamplePlace, [x, y, width, height]: Region): boolean {
  return x >= place.x && y >= place.y && x + width <= place.x + place.width && y + height <= place.y + place.height;
}

/** Lines come from outside too, and may have any length. */
function isSound(shape: RoiShape): boolean {
  return shape.kind !== "line" || Math.hypot(shape.x1 - shape.x0, shape.y1 - shape.y0) <= MOST_LINE;
}

function sentence(missing: string[]): string | null {
  return missing.length === 0 ? null : [...new Set(missing)].join(" ");
}
