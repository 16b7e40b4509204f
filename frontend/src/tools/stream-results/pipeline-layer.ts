/**
 * What the stream itself says of the picture, drawn over it: profiles and fits along its edges, the good region, the
 * slices and the centre of mass. Positions on the axes, in µm or px, become pixels by the stream's own axes.
 */

import { rangeOf, traceCurve } from "./edge-curve";
import type { DrawnEdge, EdgeScales } from "../../ui/stage/edge-scale";
import type { Layer } from "../../ui/stage/overlay";
import { indexOn, type GoodRegion, type Pipeline, type StreamAxis, type StreamFit } from "./pipeline";
import type { Placing } from "../../ui/stage/placing";
import type { Place } from "../../ui/settings";
import type { StreamParts } from "./stream-parts";
import { strokeOutlined, textOutlined } from "../../ui/stage/stroke";
import type { Point, Size } from "../../ui/stage/view";

const STREAM_COLOUR = "#ff7ad2";
const FIT_COLOUR = "#fff7cf";
const FONT = "12px system-ui, sans-serif";
/** The curves' part of the stage, and at most so many CSS pixels. */
const BAND = 0.2;
/** Of a picture that is smaller than the stage. */
const BAND_OF_PICTURE = 0.3;
const HIGHEST = 110;
/** Arms of the cross, and what of them is left free in the middle, CSS pixels. */
const CROSS = 14;
const CROSS_GAP = 4;

export class PipelineLayer implements Layer {
  readonly level = "curves";
  private pipeline: Pipeline | null = null;
  private parts: StreamParts;

  private readonly scales: EdgeScales;

  /** `scales`: of the page's own profiles, which are drawn before */
  constructor(parts: StreamParts, scales: EdgeScales) {
    this.parts = parts;
    this.scales = scales;
  }

  /** The results that belong to the picture; null: there are none. */
  set(pipeline: Pipeline | null): void {
    this.pipeline = pipeline;
    this.tellRanges();
  }

  show(parts: StreamParts): void {
    this.parts = parts;
    this.tellRanges();
  }

  private tellRanges(): void {
    for (const name of ["x", "y"] as const) {
      this.scales.setStream(name, this.pipeline === null ? null : curvesOf(this.pipeline, name, this.parts).range);
    }
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { pipeline, parts } = this;
    if (pipeline === null || !isSeen(pipeline, parts)) return false;
    context.font = FONT;
    if (parts.region && pipeline.goodRegion !== null) drawRegion(context, placing, pipeline.goodRegion);
    if (parts.slices) drawSlices(context, placing, pipeline);
    if (parts.centre) drawCentre(context, placing, pipeline);
    if (parts.profiles || parts.fit) {
      for (const name of ["x", "y"] as const)
        drawEdge(context, placing, name, pipeline, parts, this.scales.drawnAt(name));
    }
  }
}

function isSeen({ goodRegion, slices, x, y }: Pipeline, parts: StreamParts): boolean {
  return (
    (parts.region && goodRegion !== null) ||
    (parts.slices && slices !== null) ||
    (parts.centre && x.com !== null && y.com !== null) ||
    ((parts.profiles || parts.fit) && [x, y].some(({ profile, fit }) => profile !== null || fit !== null))
  );
}

/** The place of a position on the axes; null where the axes do not tell it. */
export function placeOf({ x, y }: Pipeline, position: Place): Place | null {
  const column = x.axis === null ? null : indexOn(x.axis, position.x);
  const row = y.axis === null ? null : indexOn(y.axis, position.y);
  return column === null || row === null ? null : { x: column, y: row };
}

/**
 * Ends of the line y = slope * x + offset, in the unit of the axes; null if there is none. The server always fits it
 * along x, of horizontal slices, also where it sends vertical ones: then the line goes as far as those would lie.
 */
export function couplingLine({ slices, coupling, goodRegion, parameters }: Pipeline): [Place, Place] | null {
  if (slices === null || slices.slices.length === 0 || coupling === null) return null;
  const on = (x: number): Place => ({ x, y: coupling.offset + coupling.slope * x });
  const { mean = null, sigma = null } = goodRegion?.fitX ?? {};
  if (slices.along === "y" && mean !== null && sigma !== null) {
    const half = ((parameters?.slices?.scale ?? 2) * sigma) / 2;
    return [on(mean - half), on(mean + half)];
  }
  const places = slices.slices.map(({ x }) => x);
  return slices.along === "x"
    ? [on(places[0]!), on(places.at(-1)!)]
    : [on(Math.min(...places)), on(Math.max(...places))];
}

function drawRegion(context: CanvasRenderingContext2D, placing: Placing, region: GoodRegion): void {
  const box = placing.boxOf(region);
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.setLineDash([7, 5]);
  strokeOutlined(context, STREAM_COLOUR, 1.5);
  context.setLineDash([]);
  if (box.width < 90) return;
  context.textBaseline = "bottom";
  context.textAlign = "left";
  textOutlined(context, "good region (stream)", box.x + 2, box.y - 3, STREAM_COLOUR);
}

function drawSlices(context: CanvasRenderingContext2D, placing: Placing, pipeline: Pipeline): void {
  const { slices } = pipeline;
  if (slices === null) return;
  const at = (position: Place): Point | null => {
    const place = placeOf(pipeline, position);
    return place === null ? null : placing.toStage(place);
  };
  context.beginPath();
  for (const { x, y, sigma } of slices.slices) {
    if (sigma === null) continue;
    const [dx, dy] = slices.along === "x" ? [0, sigma] : [sigma, 0];
    addBar(context, at({ x: x - dx, y: y - dy }), at({ x: x + dx, y: y + dy }));
  }
  const line = couplingLine(pipeline);
  if (line !== null) addLine(context, at(line[0]), at(line[1]));
  strokeOutlined(context, STREAM_COLOUR, 1.5);
  context.beginPath();
  for (const slice of slices.slices) {
    const point = at(slice);
    if (point === null) continue;
    context.moveTo(point.x + 3, point.y);
    context.arc(point.x, point.y, 3, 0, 2 * Math.PI);
  }
  strokeOutlined(context, STREAM_COLOUR, 2);
}

function drawCentre(context: CanvasRenderingContext2D, placing: Placing, pipeline: Pipeline): void {
  const { x, y } = pipeline;
  if (x.com === null || y.com === null) return;
  const place = placeOf(pipeline, { x: x.com, y: y.com });
  if (place === null) return;
  const middle = placing.toStage(place);
  context.beginPath();
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    context.moveTo(middle.x + dx * CROSS_GAP, middle.y + dy * CROSS_GAP);
    context.lineTo(middle.x + dx * CROSS, middle.y + dy * CROSS);
  }
  strokeOutlined(context, STREAM_COLOUR, 2);
}

/** What is drawn along an edge, and what it reaches over. */
function curvesOf(
  pipeline: Pipeline,
  name: "x" | "y",
  parts: StreamParts,
): ShownCurves & { range: [number, number] | null } {
  const region = pipeline.goodRegion;
  const curves = shownCurves(pipeline[name], (name === "x" ? region?.fitX : region?.fitY) ?? null, parts);
  return { ...curves, range: rangeOf(curves.profile, curves.fit, curves.regionFit) };
}

/**
 * Profile and fits of one axis, along the edge of the picture that shows this axis: on the page's own profile, `drawn`,
 * where that is of the same pixels, else on a scale of their own.
 */
function drawEdge(
  context: CanvasRenderingContext2D,
  placing: Placing,
  name: "x" | "y",
  pipeline: Pipeline,
  parts: StreamParts,
  drawn: DrawnEdge | null,
): void {
  const region = pipeline.goodRegion;
  const curves = curvesOf(pipeline, name, parts);
  if (curves.range === null) return;
  const horizontal = (name === "x") !== placing.view.orientation.transpose;
  const edge =
    drawn === null ? edgeOf(placing, horizontal) : { ...drawn, away: horizontal ? -drawn.depth : drawn.depth };
  const [low, high] = drawn === null ? curves.range : [drawn.low, drawn.high];
  const span = high - low || 1;
  const across = (value: number): number => edge.base + (edge.away * (value - low)) / span;
  const trace = (values: Float64Array, first: number): void => {
    const from = placing.toStage({ x: first, y: first });
    const next = placing.toStage({ x: first + 1, y: first + 1 });
    const [start, step] = horizontal ? [from.x, next.x - from.x] : [from.y, next.y - from.y];
    context.beginPath();
    traceCurve(context, { values, start, step, from: edge.from, to: edge.to, across, horizontal });
  };
  if (curves.profile !== null) {
    trace(curves.profile, 0);
    strokeOutlined(context, STREAM_COLOUR, 3.5);
  }
  // A good fit lies on its profile: it is the thinner of the two, and has no edge of its own.
  const stroke = (dash: number[]): void => {
    context.setLineDash(dash);
    if (curves.profile === null) return strokeOutlined(context, FIT_COLOUR, 1.5);
    context.strokeStyle = FIT_COLOUR;
    context.lineWidth = 1.25;
    context.stroke();
  };
  if (curves.fit !== null) {
    trace(curves.fit, 0);
    stroke([7, 7]);
  }
  if (curves.regionFit !== null && region !== null) {
    trace(curves.regionFit, name === "x" ? region.x : region.y);
    stroke([2, 4]);
  }
  context.setLineDash([]);
  context.textAlign = "left";
  context.textBaseline = "bottom";
  const [x, y] = horizontal ? [edge.from + 4, edge.base - HIGHEST * 0.05 - 2] : [edge.base + 4, edge.from + 16];
  textOutlined(context, `${name} stream${drawn === null ? ", own scale" : ""}`, x, y, STREAM_COLOUR);
}

function shownCurves(own: StreamAxis, regionFit: StreamFit | null, parts: StreamParts): ShownCurves {
  return {
    profile: parts.profiles ? own.profile : null,
    fit: parts.fit ? (own.fit?.curve ?? null) : null,
    regionFit: parts.fit ? (regionFit?.curve ?? null) : null,
  };
}

interface ShownCurves {
  profile: Float64Array | null;
  fit: Float64Array | null;
  regionFit: Float64Array | null;
}

interface Edge {
  /** the visible part of the picture along the edge */
  from: number;
  to: number;
  /** where the lowest value lies, and how far away from it the highest; CSS pixels */
  base: number;
  away: number;
}

/** The lower edge of the visible picture, or its left one. */
export function edgeOf(placing: Placing, horizontal: boolean): Edge {
  const { size, image } = placing;
  const box = placing.boxOf({ x: 0, y: 0, ...image });
  const reach = (of: keyof Size): number => Math.min(size[of] * BAND, box[of] * BAND_OF_PICTURE, HIGHEST);
  return horizontal
    ? {
        from: Math.max(box.x, 0),
        to: Math.min(box.x + box.width, size.width),
        base: Math.min(box.y + box.height, size.height) - 2,
        away: -reach("height"),
      }
    : {
        from: Math.max(box.y, 0),
        to: Math.min(box.y + box.height, size.height),
        base: Math.max(box.x, 0) + 2,
        away: reach("width"),
      };
}

function addLine(context: CanvasRenderingContext2D, from: Point | null, to: Point | null): void {
  if (from === null || to === null) return;
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
}

/** A line with a small stroke across at either end. */
function addBar(context: CanvasRenderingContext2D, from: Point | null, to: Point | null): void {
  if (from === null || to === null) return;
  addLine(context, from, to);
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < 2) return;
  const [x, y] = [(-4 * (to.y - from.y)) / length, (4 * (to.x - from.x)) / length];
  for (const end of [from, to]) addLine(context, { x: end.x - x, y: end.y - y }, { x: end.x + x, y: end.y + y });
}
