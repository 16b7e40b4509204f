import type { Choice, PulseValues, Shown } from "../contract";
import type { Frame } from "../protocol/frame";
import { roundedText } from "../render/levels";
import type { Renderer } from "../render/renderer";
import { isPreview, type Prepared } from "./prepare";

/** A frame as it arrived. */
export interface Arrival {
  frame: Frame;
  /** ms of the monotonic clock */
  arrived: number;
  serverMicros: number;
  notSent: number;
  channel: string;
  /** time on the way in ms: half of the smallest recent round trip, and what this frame took longer; null if not known */
  networkMs: number | null;
  /**
   * everything else of the frame, for the tables and plots of the page; costs time, so it is asked for ten times a
   * second at most
   */
  values(): PulseValues;
  /** tells the server that the frame was drawn or discarded, so many microseconds after it arrived */
  acknowledge(micros: number): void;
}

/** What the page is told of a frame that was drawn at `drawn` (ms), as the `serial`th. */
export function describe(
  arrival: Arrival,
  prepared: Prepared,
  levels: [number, number],
  renderer: Renderer | null,
  shownRate: number,
  drawMs: number,
  drawn: number,
  serial: number,
): Shown {
  const { block, values, picture } = prepared;
  const serverMs = arrival.serverMicros / 1000;
  return {
    pulse: prepared.frame.pulse,
    picture: serial,
    channel: arrival.channel,
    dtype: values.dtype,
    shape: isPreview(block) ? block.shape : values.shape,
    of: picture === null ? [1, values.shape[0] ?? 0] : [picture.place.rows, picture.place.columns],
    crop: block.crop,
    binning: block.binning,
    sourceDtype: block.sourceDtype,
    widened: block.widened,
    numbers: block.numbers,
    choice: choiceOf(prepared),
    colour: block.colour !== null,
    slice: block.slice,
    format: block.format,
    exact: block.exact,
    bytes: block.payload.length,
    ageMs: serverMs + (arrival.networkMs ?? 0) + (drawn - arrival.arrived),
    drawnAt: performance.timeOrigin + drawn,
    legs: { serverMs, networkMs: arrival.networkMs, decodeMs: prepared.decodeMs, drawMs },
    levels,
    range: prepared.range,
    notFinite: prepared.notFinite,
    saturation: prepared.saturation,
    rounded: prepared.image === null ? null : roundedText(values.dtype, prepared.range),
    renderer: renderer?.name ?? "canvas2d",
    curve: prepared.curve,
    shownRate,
    notSent: arrival.notSent,
  };
}

function choiceOf({ block }: Prepared): Choice {
  if (isPreview(block)) return "preview";
  if (block.rounded) return "float32";
  return block.crop === null ? "exact" : "crop";
}

/** Why the pixels on screen are not those that the source sent, in words for the user; null if they are. */
export function notExact({ block }: Prepared): string | null {
  if (isPreview(block)) return "A preview is on screen, whose pixels are not exact. Pause, or choose exact.";
  return !block.rounded ? null : "The pixels on screen were rounded to 32-bit floats. Pause, or choose exact.";
}
