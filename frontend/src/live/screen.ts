import { RateMeter } from "../analysis/rate";
import type { Colours, News, Region, Shown, View } from "../contract";
import type { Senders } from "../contract/kinds";
import type { Decoder } from "../decode/decoder";
import type { JpegDecoder } from "../decode/jpeg";
import { paletteOf, samePalette } from "../render/colourmaps";
import type { Look, Picture, Renderer, RendererEvents } from "../render/renderer";
import { fitView } from "../render/view";
import { Answers } from "./answers";
import { discard, Incoming } from "./incoming";
import { Limiter } from "./limiter";
import { PictureLevels } from "./picture-levels";
import { isWholeAndExact, type Prepared, Preparer } from "./prepare";
import { processedText } from "./printer";
import { PixelReader } from "./reader";
import { type Arrival, describe } from "./shown";
import { visible } from "./wishes";

/** What the screen needs from around it. */
export interface ScreenOptions {
  decoder: Decoder;
  jpeg: JpegDecoder;
  makeRenderer(picture: Picture, look: Look, events: RendererEvents): Renderer;
  requestFrame(callback: () => void): void;
  news: Senders<News>;
  /** what is to be drawn of a picture, which may be changed before; not new: of the one on screen, once more */
  process(channel: string, prepared: Prepared, isNew: boolean): Prepared;
  /** the canvas as a PNG file; called in the task that drew it, because WebGL keeps nothing for later */
  capture(): Promise<Blob>;
  /** another picture is on screen, and its frame was acknowledged */
  shows(shown: Shown): void;
  /** a frame that cannot be shown */
  failed(error: unknown): void;
  width: number;
  height: number;
  colours: Colours;
  /** value from which on pixels are saturated; null: guess it */
  saturation: number | null;
}

export interface OnScreen {
  arrival: Arrival;
  /** as it was sent */
  prepared: Prepared;
  /** as it is drawn: the same, unless its pixels were processed */
  drawn: Prepared;
  shown: Shown;
}

/** Below the period of a 10 Hz stream with its jitter, so that each of its pictures comes with its own values. */
const VALUES_INTERVAL_MS = 70;
const CURSOR_INTERVAL_MS = 50;

/**
 * The picture on screen and all that changes it. Each frame is acknowledged in the animation frame after its draw,
 * which is what paces the server.
 *
 * A screen that is held keeps its picture if that is a whole exact one, else it takes the first of those that comes,
 * and nothing else.
 */
export class Screen {
  private readonly options: ScreenOptions;
  private readonly preparer: Preparer;
  private readonly levels: PictureLevels;
  readonly reader: PixelReader;
  readonly answers: Answers;
  private readonly incoming: Incoming;
  private present: OnScreen | null = null;
  private renderer: Renderer | null = null;
  private frameAsked = false;
  /** something but the picture changed since the last draw */
  private dirty = false;
  private resized = true;
  /** the graphics card is away: nothing can be drawn, and what is on the canvas is old */
  private suspended = false;
  /** the present picture has to be told again */
  private returning = false;
  /** its pixels were processed anew */
  private changed = false;
  private size: { width: number; height: number };
  private view: View | null = null;
  private colours: Colours;
  private palette: Uint8Array;
  private cursor: { row: number; column: number } | null = null;
  private held = false;
  private readonly rate = new RateMeter();
  /** pictures until now */
  private drawn = 0;
  private readonly valuesLimiter = new Limiter(VALUES_INTERVAL_MS, () => this.postLateValues());
  private readonly cursorLimiter = new Limiter(CURSOR_INTERVAL_MS, () => this.postCursor());

  constructor(options: ScreenOptions) {
    this.options = options;
    this.preparer = new Preparer(options.decoder, options.jpeg);
    this.preparer.setSaturation(options.saturation);
    this.levels = new PictureLevels(options.decoder);
    this.reader = new PixelReader(options.decoder);
    this.answers = new Answers({
      reader: this.reader,
      present: () => this.present,
      capture: () => this.capture(),
      news: options.news,
      failed: options.failed,
    });
    this.incoming = new Incoming({
      preparer: this.preparer,
      slot: () => (this.present?.prepared.slot === 0 ? 1 : 0),
      ready: () => this.askFrame(),
      failed: options.failed,
    });
    this.size = { width: options.width, height: options.height };
    this.colours = options.colours;
    this.palette = paletteOf(options.colours);
  }

  /** Takes a frame with an image block. */
  receive(arrival: Arrival): void {
    const { image } = arrival.frame;
    if (this.held && (this.isFrozen() || image === null || !isWholeAndExact(image))) discard(arrival);
    else this.incoming.receive(arrival);
  }

  /** Holds the picture, or lets it go on with the next frame. */
  hold(held: boolean): void {
    if (held === this.held) return;
    this.held = held;
    // What is on its way now belongs to neither side; the pause is no gap of the stream.
    this.dropUndrawn();
    this.rate.reset();
  }

  /** The picture on screen is the one that is held. */
  isFrozen(): boolean {
    return this.held && this.present !== null && isWholeAndExact(this.present.prepared.block);
  }

  /** The picture and what is known of it; null: there is none. */
  get onScreen(): OnScreen | null {
    return this.present;
  }

  /** Something else is to be done with the pixels of the picture on screen. */
  processAgain(): void {
    const { present } = this;
    if (present === null) return;
    const drawn = this.options.process(present.arrival.channel, present.prepared, false);
    if (drawn === present.drawn) return;
    present.drawn = drawn;
    const { range, notFinite } = drawn;
    present.shown = { ...present.shown, picture: ++this.drawn, range, notFinite };
    this.changed = true;
    this.redraw();
  }

  /** Discards what was not drawn yet, and empties the canvas: what comes next has nothing to do with it. */
  clear(): void {
    this.dropUndrawn();
    this.present = null;
    this.preparer.forget();
    this.levels.forget();
    this.rate.reset();
    this.valuesLimiter.cancel();
    this.renderer?.clear();
    this.options.news.cleared({});
  }

  /** Discards what was not drawn yet. */
  dropUndrawn(): void {
    this.incoming.drop();
  }

  resize(width: number, height: number): void {
    this.size = { width, height };
    this.resized = true;
    this.redraw();
  }

  setView(view: View): void {
    this.view = view;
    this.redraw();
  }

  setColours(colours: Colours): void {
    if (!samePalette(colours, this.colours)) this.palette = paletteOf(colours);
    this.colours = colours;
    this.redraw();
  }

  /** Value from which on pixels are saturated, from the next frame on; null: guess it. */
  setSaturation(level: number | null): void {
    this.preparer.setSaturation(level);
  }

  /** Region that levels of a region of interest are found in, in pixels of the source; null: in the image. */
  setLevelsRegion(region: Region | null): void {
    this.levels.setRegion(region);
    this.redraw();
  }

  setCursor(pixel: { row: number; column: number } | null): void {
    this.cursor = pixel;
    if (pixel === null) this.cursorLimiter.cancel();
    else this.tellCursor();
  }

  private capture(): Promise<Blob> | null {
    const { present } = this;
    if (present === null || present.prepared.picture === null || this.suspended) return null;
    this.showAgain(present);
    return this.options.capture();
  }

  private redraw(): void {
    this.dirty = true;
    if (this.present !== null) this.askFrame();
  }

  private askFrame(): void {
    if (this.frameAsked) return;
    this.frameAsked = true;
    this.options.requestFrame(() => {
      this.frameAsked = false;
      this.onFrame();
    });
  }

  private onFrame(): void {
    const ready = this.incoming.take();
    try {
      if (ready !== null) this.show(ready.arrival, ready.prepared);
      else if (this.present !== null && this.dirty && !this.suspended) this.showAgain(this.present);
    } catch (error) {
      this.options.failed(error);
      discard(ready?.arrival ?? null);
    }
    this.incoming.prepareNext();
  }

  private suspend(): void {
    this.suspended = true;
    this.options.news.cleared({});
    this.options.failed(new Error("The graphics card was lost. The picture comes back with it."));
  }

  private resume(): void {
    this.suspended = false;
    this.returning = true;
    this.redraw();
  }

  private show(arrival: Arrival, prepared: Prepared): void {
    if (this.suspended) {
      discard(arrival);
      return;
    }
    const start = performance.now();
    const drawn = this.options.process(arrival.channel, prepared, true);
    const levels = this.levelsOf(drawn);
    if (drawn.picture === null) this.renderer?.clear();
    else this.draw(drawn.picture, levels, true);
    const end = performance.now();
    arrival.acknowledge((end - arrival.arrived) * 1000);
    const shown = describe(arrival, drawn, levels, this.renderer, this.rate.count(end), end - start, end, ++this.drawn);
    this.present = { arrival, prepared, drawn, shown };
    this.returning = this.changed = false;
    this.options.shows(shown);
    const values = this.valuesLimiter.take(end) ? arrival.values() : null;
    this.options.news.shown({ shown, values });
    this.tellCursor();
  }

  /** Draws the same picture with another view, size, colours or levels. */
  private showAgain(present: OnScreen): void {
    const { picture } = present.drawn;
    const levels = this.levelsOf(present.drawn);
    this.dirty = false;
    if (picture !== null) this.draw(picture, levels, this.changed);
    const [low, high] = present.shown.levels;
    if (this.returning || this.changed || levels[0] !== low || levels[1] !== high) {
      present.shown = { ...present.shown, levels };
      const values = this.returning ? present.arrival.values() : null;
      this.options.news.shown({ shown: present.shown, values });
    }
    if (this.changed) {
      this.options.shows(present.shown);
      this.tellCursor();
    }
    this.returning = this.changed = false;
  }

  private levelsOf(prepared: Prepared): [number, number] {
    const {
      view,
      size,
      colours: { levels },
    } = this;
    const { picture } = prepared;
    const looks = levels.mode === "auto" && levels.of === "visible" && picture !== null && view !== null;
    const part = looks ? visible(view, [size.width, size.height], picture.place.rows, picture.place.columns) : null;
    return this.levels.of(this.colours, prepared, part);
  }

  private draw(picture: Picture, levels: [number, number], isNew: boolean): void {
    const { width, height } = this.size;
    const { columns, rows } = picture.place;
    const { scale, gamma, reduce } = this.colours;
    const view = this.view ?? fitView(width, height, columns, rows);
    const look: Look = { view, levels, scale, gamma, reduce, colours: this.palette };
    this.renderer ??= this.options.makeRenderer(picture, look, {
      lost: () => this.suspend(),
      restored: () => this.resume(),
    });
    // A canvas that gets its size is empty, so that has to wait for the draw.
    if (this.resized) this.renderer.resize(width, height);
    this.resized = this.dirty = false;
    if (isNew) this.renderer.setPicture(picture);
    this.renderer.draw(look);
  }

  /** The picture stands still, or values were held back: it gets the values of its own pulse. */
  private postLateValues(): void {
    if (this.present === null) return;
    this.options.news.shown({ shown: this.present.shown, values: this.present.arrival.values() });
  }

  private tellCursor(): void {
    if (this.cursor !== null && this.cursorLimiter.take(performance.now())) this.postCursor();
  }

  private postCursor(): void {
    if (this.cursor === null || this.present === null || this.present.prepared.image === null) return;
    const { row, column } = this.cursor;
    const { prepared } = this.present;
    const { sequence } = prepared.frame.pulse;
    const processed = processedText(this.present, row, column);
    const reading = this.reader.read(prepared, row, column);
    this.options.news.cursor({ row, column, ...reading, processed, sequence });
  }
}
