/** Everything that a person has set on the page, in one place: the URL, the worker and the controls follow it. No DOM. */

import type { ColourChoice, Baseline, Colours, ImageFormat, Orientation, ProcessingWish, Roi } from "../contract";
import { DEFAULT_COLOURS, UPRIGHT } from "../defaults";
import { ALL_STREAM_PARTS, type StreamParts } from "./stream/stream-parts";
import type { Focus } from "./stage/view";

/** A place in the source's image; (0, 0) is the centre of the first pixel. */
export interface Place {
  x: number;
  y: number;
}

/** Where the axes get their numbers from. */
export type Calibration =
  /** channels x_axis and y_axis of the stream where they fit the image, else pixels */
  | { kind: "stream" }
  | { kind: "pixel" }
  /** the origin is a place in the image; steps along x and y, negative for descending axes */
  | { kind: "manual"; origin: Place; stepX: number; stepY: number; unit: string };

export interface ProjectionSettings {
  on: boolean;
  /** of this region, null: of the image */
  roi: number | null;
  baseline: Baseline;
  fit: boolean;
}

export interface LineSettings {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  width: number;
}

export interface Settings {
  colours: Colours;
  /** null: guessed */
  saturation: number | null;
  /** null: the server's default */
  image: string | null;
  /** which slice of an image of three dimensions, from 0 */
  slice: number;
  format: ImageFormat;
  /** how arrays that may be colour images are shown */
  colour: ColourChoice;
  /** part of the picture that is looked at; null: fit */
  focus: Focus | null;
  orientation: Orientation;
  calibration: Calibration;
  axes: boolean;
  reticle: boolean;
  markers: [first: Place | null, second: Place | null];
  /** two places whose distance is measured */
  ruler: [Place, Place] | null;
  line: LineSettings | null;
  projections: ProjectionSettings;
  rois: Roi[];
  /** the region that is chosen */
  roi: number | null;
  processing: ProcessingWish;
  /** what of the stream's own results is drawn */
  stream: StreamParts;
}

export const DEFAULT_SETTINGS: Settings = {
  colours: DEFAULT_COLOURS,
  saturation: null,
  image: null,
  slice: 0,
  format: "auto",
  colour: "auto",
  focus: null,
  orientation: UPRIGHT,
  calibration: { kind: "stream" },
  axes: true,
  reticle: false,
  markers: [null, null],
  ruler: null,
  line: null,
  projections: { on: false, roi: null, baseline: "facility", fit: true },
  rois: [],
  roi: null,
  processing: { background: true, threshold: null, average: { mode: "off", frames: 10 } },
  stream: ALL_STREAM_PARTS,
};

type Listener = (now: Settings, before: Settings) => void;

/** Settings that are replaced, never changed in place: parts that are the same object have not changed. */
export class SettingsStore {
  private current: Settings;
  private readonly listeners: Listener[] = [];

  constructor(initial: Settings) {
    this.current = initial;
  }

  get now(): Settings {
    return this.current;
  }

  /** Replaces some of the settings and tells everybody, unless nothing differs. */
  set(change: Partial<Settings>): void {
    const before = this.current;
    const keys = Object.keys(change) as (keyof Settings)[];
    if (keys.every((key) => before[key] === change[key])) return;
    this.current = { ...before, ...change };
    const now = this.current;
    // A listener may set something in turn: it is told of that by itself.
    for (const listener of this.listeners) listener(now, before);
  }

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }
}
