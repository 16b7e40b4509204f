import type { ImageFormat, Levels, Region, View } from "../contract";
import type { Want } from "../protocol/client";
import { shownSize, toSource } from "../render/orientation";
import { Limiter } from "./limiter";
import { cropFor, formatFor, type Need, NO_NEED } from "./needs";

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
  private format: ImageFormat;
  private need = NO_NEED;
  /** what the server knows, or will know as soon as it is told anything */
  private told: Wished;

  /** @param send is not called before something changes; what is wished at first is in `current` */
  constructor(
    width: number, height: number, levels: Levels, format: ImageFormat, send: (change: Partial<Wished>) => void,
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
    this.image = this.view = null;
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

  setLevels(levels: Levels): void {
    this.levels = levels;
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
    const { levels } = this;
    const sound = levels.mode === "manual" && Math.max(Math.abs(levels.low), Math.abs(levels.high)) <= LARGEST_LEVEL;
    const hovers = this.preview && this.cursor !== null;
    const seen = this.image === null || this.view === null ? null
      : visible(this.view, this.size, this.image.rows, this.image.columns);
    return {
      format: formatFor(this.format, this.need),
      picture: [...this.size],
      crop: cropFor(seen, this.need),
      levels: sound && levels.low < levels.high ? [levels.low, levels.high] : null,
      hover: hovers && this.cursor !== null ? [this.cursor.column, this.cursor.row] : null,
    };
  }
}

/**
 * The part of an image that is visible on a canvas, in whole pixels of the source; null if that is all of it, or
 * nothing.
 */
export function visible(
  { scale, offsetX, offsetY, orientation }: View, [width, height]: readonly [number, number], rows: number,
  columns: number,
): Region | null {
  const image = { width: columns, height: rows };
  const shown = shownSize(orientation, image);
  const left = Math.max(Math.floor(-offsetX / scale), 0);
  const top = Math.max(Math.floor(-offsetY / scale), 0);
  const right = Math.min(Math.ceil((width - offsetX) / scale), shown.width);
  const bottom = Math.min(Math.ceil((height - offsetY) / scale), shown.height);
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
  return edge(Math.max(Math.abs(x - x2), Math.abs(x + width - x2 - width2)), width2)
    || edge(Math.max(Math.abs(y - y2), Math.abs(y + height - y2 - height2)), height2);
}

function same(a: readonly number[] | null, b: readonly number[] | null): boolean {
  return a === b || (a !== null && b !== null && a.length === b.length && a.every((value, at) => value === b[at]));
}
