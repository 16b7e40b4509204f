import { RateMeter } from "../analysis/rate";
import type { Colours, FromWorker, Shown, View } from "../contract";
import type { Decoder } from "../decode/decoder";
import type { JpegDecoder } from "../decode/jpeg";
import { colourTable } from "../render/colourmaps";
import type { Look, Picture, Renderer, RendererEvents } from "../render/renderer";
import { fitView } from "../render/view";
import { discard, Incoming } from "./incoming";
import { Limiter } from "./limiter";
import { isWholeAndExact, levelsFor, type Prepared, Preparer } from "./prepare";
import { PixelReader } from "./reader";
import { type Arrival, describe, notExact } from "./shown";

/** What the screen needs from around it. */
export interface ScreenOptions {
  decoder: Decoder;
  jpeg: JpegDecoder;
  makeRenderer(picture: Picture, look: Look, events: RendererEvents): Renderer;
  requestFrame(callback: () => void): void;
  post(message: FromWorker, transfer?: ArrayBuffer[]): void;
  /** the canvas as a PNG file; called in the task that drew it, because WebGL keeps nothing for later */
  capture(): Promise<Blob>;
  /** another picture is on screen */
  shows(shown: Shown): void;
  /** a frame that cannot be shown */
  failed(error: unknown): void;
  width: number;
  height: number;
  colours: Colours;
}

interface OnScreen {
  arrival: Arrival;
  prepared: Prepared;
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
  private readonly reader: PixelReader;
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
  private size: { width: number; height: number };
  private view: View | null = null;
  private colours: Colours;
  private palette: Uint8Array;
  private cursor: { row: number; column: number } | null = null;
  private held = false;
  private readonly rate = new RateMeter();
  private readonly valuesLimiter = new Limiter(VALUES_INTERVAL_MS, () => this.postLateValues());
  private readonly cursorLimiter = new Limiter(CURSOR_INTERVAL_MS, () => this.postCursor());

  constructor(options: ScreenOptions) {
    this.options = options;
    this.preparer = new Preparer(options.decoder, options.jpeg);
    this.reader = new PixelReader(options.decoder);
    this.incoming = new Incoming({
      preparer: this.preparer,
      slot: () => (this.present?.prepared.slot === 0 ? 1 : 0),
      ready: () => this.askFrame(),
      failed: options.failed,
    });
    this.size = { width: options.width, height: options.height };
    this.colours = options.colours;
    this.palette = colourTable(options.colours.colourMap);
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

  /** Discards what was not drawn yet, and empties the canvas: what comes next has nothing to do with it. */
  clear(): void {
    this.dropUndrawn();
    this.present = null;
    this.preparer.forget();
    this.rate.reset();
    this.valuesLimiter.cancel();
    this.renderer?.clear();
    this.options.post({ type: "cleared" });
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
    this.colours = colours;
    this.palette = colourTable(colours.colourMap);
    this.redraw();
  }

  setCursor(pixel: { row: number; column: number } | null): void {
    this.cursor = pixel;
    if (pixel === null) this.cursorLimiter.cancel();
    else this.tellCursor();
  }

  /** Sends a copy of the decoded pixels that are on screen, if they are exact. */
  sendPixels(id: number): void {
    const reason = this.present === null ? null : notExact(this.present.prepared);
    if (this.present === null || reason !== null) {
      this.options.post({ type: "pixels", id, pulse: null, dtype: null, shape: [], crop: null, data: null, reason });
      return;
    }
    const { values, frame, block } = this.present.prepared;
    const { buffer, byteOffset, byteLength } = values.data;
    const data = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { dtype, shape } = values;
    const { pulse } = frame;
    this.options.post({ type: "pixels", id, pulse, dtype, shape, crop: block.crop, data, reason: null }, [data]);
  }

  /** Sends what the canvas shows, as a file. */
  sendSnapshot(id: number): void {
    const { present } = this;
    const { post, failed } = this.options;
    const none = (): void => post({ type: "snapshot", id, shown: null, png: null });
    if (present === null || present.prepared.picture === null || this.suspended) {
      none();
      return;
    }
    this.showAgain(present);
    const { shown } = present;
    this.options.capture().then((file) => file.arrayBuffer()).then(
      (png) => post({ type: "snapshot", id, shown, png }, [png]),
      (error: unknown) => {
        failed(error);
        none();
      },
    );
  }

  /** Sends what the server computed of the image on screen. */
  sendProfiles(id: number): void {
    const frame = this.present?.prepared.frame ?? null;
    let profiles = null;
    try {
      profiles = frame === null ? null : this.reader.profiles(frame);
    } catch (error) {
      this.options.failed(error);
    }
    this.options.post({ type: "profiles", id, pulse: frame?.pulse ?? null, profiles });
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
    this.options.post({ type: "cleared" });
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
    const levels = levelsFor(this.colours.levels, prepared);
    if (prepared.picture === null) this.renderer?.clear();
    else this.draw(prepared.picture, levels, true);
    const drawn = performance.now();
    arrival.acknowledge((drawn - arrival.arrived) * 1000);
    const shown = describe(arrival, prepared, levels, this.renderer, this.rate.count(drawn), drawn - start, drawn);
    this.present = { arrival, prepared, shown };
    this.returning = false;
    this.options.shows(shown);
    const values = this.valuesLimiter.take(drawn) ? arrival.values() : null;
    this.options.post({ type: "shown", shown, values });
    this.tellCursor();
  }

  /** Draws the same picture with another view, size, colours or levels. */
  private showAgain(present: OnScreen): void {
    const { picture } = present.prepared;
    const levels = levelsFor(this.colours.levels, present.prepared);
    this.dirty = false;
    if (picture !== null) this.draw(picture, levels, false);
    if (this.returning || levels[0] !== present.shown.levels[0] || levels[1] !== present.shown.levels[1]) {
      present.shown = { ...present.shown, levels };
      const values = this.returning ? present.arrival.values() : null;
      this.options.post({ type: "shown", shown: present.shown, values });
    }
    this.returning = false;
  }

  private draw(picture: Picture, levels: [number, number], isNew: boolean): void {
    const { width, height } = this.size;
    const { columns, rows } = picture.place;
    const look: Look = { view: this.view ?? fitView(width, height, columns, rows), levels, colours: this.palette };
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
    this.options.post({ type: "shown", shown: this.present.shown, values: this.present.arrival.values() });
  }

  private tellCursor(): void {
    if (this.cursor !== null && this.cursorLimiter.take(performance.now())) this.postCursor();
  }

  private postCursor(): void {
    if (this.cursor === null || this.present === null || this.present.prepared.image === null) return;
    const { row, column } = this.cursor;
    const { prepared } = this.present;
    const { sequence } = prepared.frame.pulse;
    this.options.post({ type: "cursor", row, column, ...this.reader.read(prepared, row, column), sequence });
  }
}
