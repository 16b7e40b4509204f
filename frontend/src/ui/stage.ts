/** The image area: canvas, where the picture lies on it, and the pixel that is read out. The worker draws. */

import type { View } from "../contract";
import { el, setAttribute } from "./dom";
import { listenToGestures } from "./gestures";
import {
  canvasSize,
  centred,
  fit,
  fitScale,
  focusOf,
  pan,
  pinch,
  pixelAt,
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
  private size: Size & { ratio: number } = { width: 1, height: 1, ratio: 1 };
  private image: Size | null = null;
  private view: View | null = null;
  /** the view follows the window */
  private fitted = true;
  /** a view from the URL that waits for the first picture */
  private pendingFocus: Focus | null = null;
  private probe: Probe = { kind: "none" };
  private sentPixel: Pixel | null = null;
  private scheduled = { size: false, view: false };
  private frameRequested = false;

  constructor(events: StageEvents) {
    this.events = events;
    const scaled = (at: Point): Point => ({ x: at.x * this.size.ratio, y: at.y * this.size.ratio });
    const both = (pair: [Point, Point]): [Point, Point] => [scaled(pair[0]), scaled(pair[1])];
    listenToGestures(this.element, {
      zoom: (factor, at) => this.change((view, image) => zoomAt(view, factor, scaled(at), this.size, image)),
      pan: (dx, dy) =>
        this.change((view, image) => pan(view, dx * this.size.ratio, dy * this.size.ratio, this.size, image)),
      pinch: (before, after) => this.change((view, image) => pinch(view, both(before), both(after), this.size, image)),
      fit: () => this.fit(),
      hover: (at) => this.setProbe(at === null ? { kind: "none" } : { kind: "mouse", at: scaled(at) }),
      pick: (at) => {
        const pixel = this.view === null || this.image === null ? null : pixelAt(this.view, scaled(at), this.image);
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
  setImage(image: Size | null): void {
    const before = this.image;
    if (before !== null && image !== null && before.width === image.width && before.height === image.height) return;
    this.image = image;
    if (image === null) {
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
    const image = this.image;
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
    const middle = { x: this.size.width / 2, y: this.size.height / 2 };
    return (
      (this.view === null ? null : pixelAt(this.view, middle, image)) ?? {
        row: Math.floor(image.height / 2),
        column: Math.floor(image.width / 2),
      }
    );
  }

  private change(next: (view: View, image: Size) => View): void {
    if (this.view === null || this.image === null) return;
    this.view = next(this.view, this.image);
    this.fitted =
      Math.abs(this.view.scale / fitScale(this.size, this.image) - 1) < 1e-9 && this.isCentred(this.view, this.image);
    this.viewChanged();
  }

  private isCentred(view: View, image: Size): boolean {
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
      if (this.scheduled.view && this.view !== null) this.events.view(this.view);
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
      this.image !== null &&
      (this.probe.pixel.row >= this.image.height || this.probe.pixel.column >= this.image.width);
    if (outside) this.probe = { kind: "none" };
    this.schedule();
  }

  private currentPixel(): Pixel | null {
    if (this.image === null || this.view === null || this.probe.kind === "none") return null;
    return this.probe.kind === "chosen" ? this.probe.pixel : pixelAt(this.view, this.probe.at, this.image);
  }

  /** A chosen pixel is framed, because no cursor shows where it lies. */
  private placeMarker(): void {
    const shown = this.probe.kind === "chosen" && this.image !== null && this.view !== null;
    setAttribute(this.marker, "hidden", !shown);
    if (this.probe.kind !== "chosen" || this.view === null) return;
    const { ratio } = this.size;
    const side = Math.max(this.view.scale / ratio, 11);
    const x = ((this.probe.pixel.column + 0.5) * this.view.scale + this.view.offsetX) / ratio;
    const y = ((this.probe.pixel.row + 0.5) * this.view.scale + this.view.offsetY) / ratio;
    this.marker.style.width = `${side}px`;
    this.marker.style.height = `${side}px`;
    this.marker.style.transform = `translate(${x - side / 2}px, ${y - side / 2}px)`;
  }
}
