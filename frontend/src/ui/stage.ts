/** The image area: canvas, where the picture lies on it, and the pixel that is read out. The worker draws. */

import type { Orientation, Placement, View } from "../contract";
import { shownSize } from "../render/orientation";
import { el, setAttribute } from "./dom";
import { listenToGestures } from "./gestures";
import type { Grab, Handler, PointerHow } from "./handling";
import type { Overlay } from "./overlay";
import { Placing } from "./placing";
import {
  canvasSize,
  centred,
  fit,
  fitScale,
  focusOf,
  pan,
  pinch,
  resized,
  viewOf,
  zoomAt,
  type Focus,
  type Point,
  type Size,
} from "./view";

export interface Pixel {
  row: number;
  column: number;
}

export interface StageEvents {
  /** device pixels of the canvas */
  size(size: Size): void;
  view(view: View): void;
  pixel(pixel: Pixel | null): void;
  /** part of the picture looked at; null: fit */
  focus(focus: Focus | null): void;
}

/** Where the pixel to read out comes from: the mouse stays in place on the screen, a chosen pixel in the picture. */
type Probe = { kind: "none" } | { kind: "mouse"; at: Point } | { kind: "chosen"; pixel: Pixel };

export class Stage {
  readonly canvas = el("canvas", {
    id: "canvas",
    class: "canvas",
    role: "img",
    "aria-label": "No picture yet",
    "data-testid": "canvas",
  });
  readonly curveHost = el("div", {
    class: "stage-curve",
    "data-testid": "stage-curve",
    hidden: true,
    tabindex: 0,
    role: "group",
    "aria-label": "Curve; left and right arrow move the cursor",
  });
  private readonly marker = el("div", { class: "marker", hidden: true, "aria-hidden": "true" });
  readonly element = el(
    "div",
    {
      id: "stage",
      class: "stage",
      "data-testid": "image-area",
      tabindex: 0,
      role: "group",
      "aria-label": "Picture; plus, minus, arrows and 0 change the view",
    },
    this.canvas,
    this.curveHost,
    this.marker,
  );

  private readonly events: StageEvents;
  private readonly overlay: Overlay;
  private readonly handlers: Handler[] = [];
  private size: Size & { ratio: number } = { width: 1, height: 1, ratio: 1 };
  /** columns and rows at the source, and as they are shown */
  private source: Size | null = null;
  private image: Size | null = null;
  private orientation: Orientation;
  private view: Placement | null = null;
  /** the view follows the window */
  private fitted = true;
  /** a view from the URL that waits for the first picture */
  private pendingFocus: Focus | null = null;
  private probe: Probe = { kind: "none" };
  private sentPixel: Pixel | null = null;
  private scheduled = { size: false, view: false };
  private frameRequested = false;

  constructor(events: StageEvents, overlay: Overlay, orientation: Orientation) {
    this.events = events;
    this.overlay = overlay;
    this.orientation = orientation;
    this.canvas.after(overlay.element);
    const scaled = (at: Point): Point => ({ x: at.x * this.size.ratio, y: at.y * this.size.ratio });
    const both = (pair: [Point, Point]): [Point, Point] => [scaled(pair[0]), scaled(pair[1])];
    listenToGestures(this.element, {
      zoom: (factor, at) => this.change((view, image) => zoomAt(view, factor, scaled(at), this.size, image)),
      pan: (dx, dy) =>
        this.change((view, image) => pan(view, dx * this.size.ratio, dy * this.size.ratio, this.size, image)),
      pinch: (before, after) => this.change((view, image) => pinch(view, both(before), both(after), this.size, image)),
      fit: () => this.fit(),
      hover: (at, how) => {
        this.setProbe(at === null ? { kind: "none" } : { kind: "mouse", at });
        this.element.style.cursor = at === null ? "" : this.cursorAt(at, how);
      },
      grab: (at, how) => this.grab(at, how),
      drag: (grab, at, how) => {
        const { placing } = this;
        if (placing !== null) grab.move(at, placing, how);
      },
      click: (at, how) => this.click(at, how),
      pick: (at) => {
        const pixel = this.placing?.pixelAt(at) ?? null;
        this.setProbe(pixel === null ? { kind: "none" } : { kind: "chosen", pixel });
      },
    });
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  /** Size of the canvas for the worker's start, measured now. */
  measure(): Size {
    this.size = canvasSize(this.element.clientWidth, this.element.clientHeight, devicePixelRatio);
    return this.size;
  }

  /** Size of the picture on screen; null when there is none or it is a curve. */
  setImage(source: Size | null): void {
    const before = this.source;
    if (before !== null && source !== null && before.width === source.width && before.height === source.height) return;
    this.source = source;
    const image = source === null ? null : shownSize(this.orientation, source);
    this.image = image;
    if (image === null) {
      this.overlay.setPlacing(null);
      this.updateProbe();
      return;
    }
    if (this.pendingFocus !== null) {
      this.view = viewOf(this.pendingFocus, this.size, image);
      this.fitted = false;
      this.pendingFocus = null;
    } else if (this.fitted || this.view === null) this.view = fit(this.size, image);
    else this.view = pan(this.view, 0, 0, this.size, image);
    this.viewChanged();
  }

  /** Turn and mirror the picture; what is in the middle stays there. */
  setOrientation(orientation: Orientation): void {
    const middle = { x: this.size.width / 2 / this.size.ratio, y: this.size.height / 2 / this.size.ratio };
    const place = this.placing?.toImage(middle) ?? null;
    this.orientation = orientation;
    if (this.source === null || this.view === null || place === null) return;
    this.image = shownSize(orientation, this.source);
    if (this.fitted) {
      this.fit();
      return;
    }
    const to = this.placing?.toStage(place) ?? middle;
    const { ratio } = this.size;
    this.change((view, image) =>
      pan(view, (middle.x - to.x) * ratio, (middle.y - to.y) * ratio, this.size, image),
    );
  }

  /** Lets somebody take hold of what lies on the picture; who comes later is asked first. */
  addHandler(handler: Handler): void {
    this.handlers.unshift(handler);
  }

  /** Where the picture lies; null: there is none. */
  get placing(): Placing | null {
    const { source, view, orientation, size } = this;
    if (source === null || view === null) return null;
    const stage = { width: size.width / size.ratio, height: size.height / size.ratio };
    return new Placing({ ...view, orientation }, source, stage, size.ratio);
  }

  /** Look at this part as soon as there is a picture; null: fit. */
  restore(focus: Focus | null): void {
    if (focus === null) {
      this.pendingFocus = null;
      this.fit();
    } else if (this.image === null) this.pendingFocus = focus;
    else {
      const image = this.image;
      this.change(() => viewOf(focus, this.size, image));
    }
  }

  fit(): void {
    this.pendingFocus = null;
    this.fitted = true;
    if (this.image === null) return;
    this.view = fit(this.size, this.image);
    this.viewChanged();
  }

  zoomBy(factor: number): void {
    this.change((view, image) =>
      zoomAt(view, factor, { x: this.size.width / 2, y: this.size.height / 2 }, this.size, image),
    );
  }

  /** One image pixel on one pixel of the screen, around the present middle. */
  oneToOne(): void {
    this.change((view, image) => {
      const near = this.fitted ? centred(this.size, image, view.scale) : view;
      return zoomAt(near, 1 / near.scale, { x: this.size.width / 2, y: this.size.height / 2 }, this.size, image);
    });
  }

  /** Move by parts of the stage. */
  panBy(x: number, y: number): void {
    this.change((view, image) => pan(view, x * this.size.width, y * this.size.height, this.size, image));
  }

  /** Move the pixel that is read out; it starts in the middle of the stage. */
  movePixel(rows: number, columns: number): void {
    const image = this.source;
    if (image === null) return;
    const from = this.currentPixel() ?? this.middlePixel(image);
    const limit = (value: number, count: number): number => Math.min(Math.max(value, 0), count - 1);
    this.setProbe({
      kind: "chosen",
      pixel: { row: limit(from.row + rows, image.height), column: limit(from.column + columns, image.width) },
    });
  }

  /** Read out the pixel in the middle of the stage, or stop reading one out. */
  togglePixel(): void {
    if (this.probe.kind === "chosen") this.setProbe({ kind: "none" });
    else this.movePixel(0, 0);
  }

  /** Device pixels of the screen for each image pixel; null without picture. */
  get zoom(): number | null {
    return this.image === null ? null : (this.view?.scale ?? null);
  }

  get isFitted(): boolean {
    return this.fitted;
  }

  private middlePixel(image: Size): Pixel {
    const middle = { x: this.size.width / 2 / this.size.ratio, y: this.size.height / 2 / this.size.ratio };
    return (
      this.placing?.pixelAt(middle) ?? {
        row: Math.floor(image.height / 2),
        column: Math.floor(image.width / 2),
      }
    );
  }

  private change(next: (view: Placement, image: Size) => Placement): void {
    if (this.view === null || this.image === null) return;
    this.view = next(this.view, this.image);
    this.fitted =
      Math.abs(this.view.scale / fitScale(this.size, this.image) - 1) < 1e-9 && this.isCentred(this.view, this.image);
    this.viewChanged();
  }

  private isCentred(view: Placement, image: Size): boolean {
    const whole = fit(this.size, image);
    return Math.abs(whole.offsetX - view.offsetX) < 0.5 && Math.abs(whole.offsetY - view.offsetY) < 0.5;
  }

  private resize(): void {
    const before = this.size;
    this.measure();
    if (before.width === this.size.width && before.height === this.size.height) return;
    this.scheduled.size = true;
    if (this.image !== null && this.view !== null) {
      this.view = this.fitted ? fit(this.size, this.image) : resized(this.view, before, this.size, this.image);
      this.viewChanged();
    } else this.schedule();
  }

  private viewChanged(): void {
    this.scheduled.view = true;
    this.updateProbe();
    this.schedule();
    if (this.view !== null && this.image !== null)
      this.events.focus(this.fitted ? null : focusOf(this.view, this.size, this.image));
  }

  /** Everything that moved since the last animation frame goes out once. */
  private schedule(): void {
    if (this.frameRequested) return;
    this.frameRequested = true;
    requestAnimationFrame(() => {
      this.frameRequested = false;
      if (this.scheduled.size) this.events.size(this.size);
      if (this.scheduled.view && this.view !== null) {
        this.events.view({ ...this.view, orientation: this.orientation });
        this.overlay.setPlacing(this.placing);
      }
      this.scheduled = { size: false, view: false };
      this.placeMarker();
      const pixel = this.currentPixel();
      if (pixel?.row !== this.sentPixel?.row || pixel?.column !== this.sentPixel?.column) {
        this.sentPixel = pixel;
        this.events.pixel(pixel);
      }
    });
  }

  private setProbe(probe: Probe): void {
    this.probe = probe;
    this.updateProbe();
    this.schedule();
  }

  private updateProbe(): void {
    const outside =
      this.probe.kind === "chosen" &&
      this.source !== null &&
      (this.probe.pixel.row >= this.source.height || this.probe.pixel.column >= this.source.width);
    if (outside) this.probe = { kind: "none" };
    this.schedule();
  }

  private currentPixel(): Pixel | null {
    const { placing, probe } = this;
    if (placing === null || probe.kind === "none") return null;
    return probe.kind === "chosen" ? probe.pixel : placing.pixelAt(probe.at);
  }

  /** A chosen pixel is framed, because no cursor shows where it lies. */
  private placeMarker(): void {
    const { placing, probe } = this;
    setAttribute(this.marker, "hidden", probe.kind !== "chosen" || placing === null);
    if (probe.kind !== "chosen" || placing === null) return;
    const side = Math.max(placing.scale, 11);
    const { x, y } = placing.toStage({ x: probe.pixel.column, y: probe.pixel.row });
    this.marker.style.width = `${side}px`;
    this.marker.style.height = `${side}px`;
    this.marker.style.transform = `translate(${x - side / 2}px, ${y - side / 2}px)`;
  }

  private grab(at: Point, how: PointerHow): Grab | null {
    const { placing } = this;
    if (placing === null) return null;
    for (const handler of this.handlers) {
      const grab = handler.grab(at, placing, how);
      if (grab !== null) return grab;
    }
    return null;
  }

  private click(at: Point, how: PointerHow): boolean {
    const { placing } = this;
    return placing !== null && this.handlers.some((handler) => handler.click?.(at, placing, how) === true);
  }

  private cursorAt(at: Point, how: PointerHow): string {
    const { placing } = this;
    if (placing === null) return "";
    for (const handler of this.handlers) {
      const cursor = handler.cursor(at, placing, how);
      if (cursor !== null) return cursor;
    }
    return "";
  }
}
