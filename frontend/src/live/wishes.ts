import type { Colours, ImageFormat, Levels, Region, View } from "../contract";
import type { Want } from "../protocol/client";
import { shownSize, toSource } from "../render/orientation";
import { pixelSize } from "../render/view";
import { Limiter } from "./limiter";
import { type Need, NO_NEED } from "../tools/need";
import { cropFor, formatFor } from "./needs";

type Pixel = { row: number; column: number };
type Wished = Pick<Want, "format" | "picture" | "crop" | "levels" | "hover">;

/** The server reads a hundred messages a second of one viewer; moving a picture must not come near. */
const PLACE_INTERVAL_MS = 125;
/** Levels are dragged, and each pair may cost the server an encoding. */
const LEVELS_INTERVAL_MS = 200;
/** A crop has a margin: it is asked for again when an edge moved so many pixels, or this part of what is seen. */
const CROP_PIXELS = 4;
const CROP_PART = 1 / 32;
/** What the server takes. */
const LARGEST_LEVEL = 1e300;
/**
 * Where what lies beyond the levels has colours of its own, a preview has to tell it from what lies at them: its grays
 * then reach one gray further on both sides.
 */
const GRAYS_BETWEEN = 253;

/**
 * What the server has to know of how its images are used: the size of the picture, the part that is visible or needed,
 * the format, the levels, and the pixel under the cursor of a preview. It is told at most eight times a second, and
 * always of the last state.
 */
export class Wishes {
  private readonly send: (change: Partial<Wished>) => void;
  private readonly placeLimiter = new Limiter(PLACE_INTERVAL_MS, () => this.sendPlace());
  private readonly levelsLimiter = new Limiter(LEVELS_INTERVAL_MS, () => this.sendLevels());
  private size: [number, number];
  private view: View | null = null;
  private image: { rows: number; columns: number } | null = null;
  private preview = false;
  private cursor: Pixel | null = null;
  private levels: Levels;
  /** colours beyond the levels are seen */
  private beyond = false;
  /** levels that the picture on screen is drawn with; null: there is none */
  private drawn: readonly [number, number] | null = null;
  private format: ImageFormat;
  private need = NO_NEED;
  /** what the server knows, or will know as soon as it is told anything */
  private told: Wished;

  /** @param send is not called before something changes; what is wished at first is in `current` */
  constructor(
    width: number,
    height: number,
    levels: Levels,
    format: ImageFormat,
    send: (change: Partial<Wished>) => void,
  ) {
    this.size = [width, height];
    this.levels = levels;
    this.format = format;
    this.send = send;
    this.told = this.wished();
  }

  /** All wishes of now, for a server that knows of none yet. */
  current(): Wished {
    this.placeLimiter.cancel();
    this.levelsLimiter.cancel();
    return (this.told = this.wished());
  }

  /** Device pixels of the canvas. */
  setSize(width: number, height: number): void {
    this.size = [width, height];
    this.placeChanged();
  }

  setView(view: View): void {
    this.view = view;
    this.placeChanged();
  }

  /** The picture on screen: size of the whole image at its source, and whether it is a preview. */
  setImage(rows: number, columns: number, preview: boolean): void {
    if (rows !== this.image?.rows || columns !== this.image.columns) {
      // The view of another image says nothing; the page sends the one for this.
      if (this.image !== null) this.view = null;
      this.image = { rows, columns };
    } else if (preview === this.preview) return;
    this.preview = preview;
    this.placeChanged();
  }

  /** Another image is to come. */
  forgetImage(): void {
    this.image = this.view = this.drawn = null;
    this.preview = false;
  }

  setCursor(pixel: Pixel | null): void {
    this.cursor = pixel;
    this.placeChanged();
  }

  /** What a person chose; it is told with the next `current`. */
  setFormat(format: ImageFormat): void {
    this.format = format;
  }

  /** What is computed of the images. */
  setNeed(need: Need): void {
    this.need = need;
    this.placeChanged();
  }

  /** @param beyond what lies beyond the levels has colours of its own */
  setLevels(levels: Levels, beyond = false): void {
    this.levels = levels;
    this.beyond = beyond;
    this.levelsChanged();
  }

  /** Levels that the picture on screen is drawn with, as the rule of the user found them. */
  setDrawnLevels(levels: readonly [number, number]): void {
    this.drawn = levels;
    this.levelsChanged();
  }

  private levelsChanged(): void {
    if (!same(this.wished().levels, this.told.levels) && this.levelsLimiter.take(performance.now())) this.sendLevels();
  }

  private placeChanged(): void {
    if (Object.keys(this.placeChange()).length > 0 && this.placeLimiter.take(performance.now())) this.sendPlace();
  }

  private sendPlace(): void {
    this.tell(this.placeChange());
  }

  private sendLevels(): void {
    const { levels } = this.wished();
    if (!same(levels, this.told.levels)) this.tell({ levels });
  }

  private tell(change: Partial<Wished>): void {
    if (Object.keys(change).length === 0) return;
    this.told = { ...this.told, ...change };
    this.send(change);
  }

  private placeChange(): Partial<Wished> {
    const { format, picture, crop, hover } = this.wished();
    const change: Partial<Wished> = {};
    if (format !== this.told.format) change.format = format;
    if (!same(picture, this.told.picture)) change.picture = picture;
    if (moved(this.told.crop, crop)) change.crop = crop;
    if (!same(hover, this.told.hover)) change.hover = hover;
    return change;
  }

  private wished(): Wished {
    const hovers = this.preview && this.cursor !== null;
    const seen =
      this.image === null || this.view === null
        ? null
        : visible(this.view, this.size, this.image.rows, this.image.columns);
    return {
      format: formatFor(this.format, this.need),
      picture: [...this.size],
      crop: cropFor(seen, this.need),
      levels: this.grayLevels(),
      hover: hovers && this.cursor !== null ? [this.cursor.column, this.cursor.row] : null,
    };
  }

  /**
   * Values that gray 0 and 255 of a preview shall stand for; null: the server's own levels. A rule that it does not
   * know is asked for in numbers, those of the picture before, and only while previews come.
   */
  private grayLevels(): [number, number] | null {
    const { levels, drawn } = this;
    const unknown = levels.mode === "full" || (levels.mode === "auto" && levels.rule !== "steady");
    const wanted =
      levels.mode === "manual" ? ([levels.low, levels.high] as const) : unknown && this.preview ? drawn : null;
    if (wanted === null || !(wanted[0] < wanted[1])) return null;
    const margin = this.beyond ? (wanted[1] - wanted[0]) / GRAYS_BETWEEN : 0;
    const [low, high] = [wanted[0] - margin, wanted[1] + margin];
    return Math.max(Math.abs(low), Math.abs(high)) <= LARGEST_LEVEL ? [low, high] : null;
  }
}

/** Whether what lies beyond the levels has a colour of its own. */
export function showsBeyond({ under, over }: Pick<Colours, "under" | "over">): boolean {
  return under !== null || over !== null;
}

/**
 * The part of an image that is visible on a canvas, in whole pixels of the source; null if that is all of it, or
 * nothing.
 */
export function visible(
  view: View,
  [width, height]: readonly [number, number],
  rows: number,
  columns: number,
): Region | null {
  const { offsetX, offsetY, orientation } = view;
  const size = pixelSize({ columns, rows }, view);
  const image = { width: columns, height: rows };
  const shown = shownSize(orientation, image);
  const left = Math.max(Math.floor(-offsetX / size.x), 0);
  const top = Math.max(Math.floor(-offsetY / size.y), 0);
  const right = Math.min(Math.ceil((width - offsetX) / size.x), shown.width);
  const bottom = Math.min(Math.ceil((height - offsetY) / size.y), shown.height);
  const all = left === 0 && top === 0 && right === shown.width && bottom === shown.height;
  if (all || right <= left || bottom <= top) return null;
  const first = toSource(orientation, { x: left, y: top }, image);
  const last = toSource(orientation, { x: right - 1, y: bottom - 1 }, image);
  const [x, y] = [Math.min(first.x, last.x), Math.min(first.y, last.y)];
  return [x, y, Math.abs(last.x - first.x) + 1, Math.abs(last.y - first.y) + 1];
}

function moved(before: Region | null, after: Region | null): boolean {
  if (before === null || after === null) return before !== after;
  const edge = (first: number, length: number) => Math.min(CROP_PIXELS, length * CROP_PART) < first;
  const [x, y, width, height] = before;
  const [x2, y2, width2, height2] = after;
  return (
    edge(Math.max(Math.abs(x - x2), Math.abs(x + width - x2 - width2)), width2) ||
    edge(Math.max(Math.abs(y - y2), Math.abs(y + height - y2 - height2)), height2)
  );
}

function same(a: readonly number[] | null, b: readonly number[] | null): boolean {
  return a === b || (a !== null && b !== null && a.length === b.length && a.every((value, at) => value === b[at]));
}
