/** The image area: canvas, where the picture lies on it, and the pixel that is read out. The worker draws. */

import type { Orientation, Placement, Region, View } from "../../contract";
import { shownSize, toShown } from "../../render/orientation";
import { drawnSize, stretchOf } from "../../render/stretch";
import { el } from "../dom";
import { listenToGestures, type Gestures } from "./gestures";
import { addHandler, type Grab, type Handler, type PointerHow } from "./handling";
import type { Overlay } from "./overlay";
import { Placing } from "./placing";
import { type Pixel, Probe } from "./probe";
import type { Place } from "../settings";
import {
  around,
  canvasSize,
  carried,
  centred,
  fill,
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

export interface StageEvents {
  /** device pixels of the canvas */
  size(size: Size): void;
  view(view: View): void;
  pixel(pixel: Pixel | null): void;
  /** part of the picture looked at; null: fit */
  focus(focus: Focus | null): void;
  /** the user moved the view: what was looked at before; what belongs to one gesture has the same group */
  moved(before: Focus | null, group: string | null): void;
}

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
  private readonly probe: Probe = new Probe({
    changed: () => this.schedule(),
    pixel: (pixel) => this.events.pixel(pixel),
  });
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
    this.probe.element,
  );

  private readonly events: StageEvents;
  private readonly overlay: Overlay;
  private readonly handlers: Handler[] = [];
  private size: Size & { ratio: number } = { width: 1, height: 1, ratio: 1 };
  /** columns and rows at the source, and as they are drawn: turned, the short side of very long images stretched */
  private source: Size | null = null;
  private image: Size | null = null;
  /** size of the image that the view was made for */
  private viewed: Size | null = null;
  private orientation: Orientation;
  private view: Placement | null = null;
  /** the view follows the window */
  private fitted = true;
  /** a view from the URL that waits for the first picture */
  private pendingFocus: Focus | null = null;
  private scheduled = { size: false, view: false };
  private frameRequested = false;
  private readonly gestures: Gestures;
  private gesture = 0;
  private readonly listeners: ((placing: Placing | null) => void)[] = [];

  constructor(events: StageEvents, overlay: Overlay, orientation: Orientation) {
    this.events = events;
    this.overlay = overlay;
    this.orientation = orientation;
    this.canvas.after(overlay.element);
    const scaled = (at: Point): Point => ({ x: at.x * this.size.ratio, y: at.y * this.size.ratio });
    const both = (pair: [Point, Point]): [Point, Point] => [scaled(pair[0]), scaled(pair[1])];
    this.gestures = listenToGestures(this.element, {
      begin: () => {
        this.gesture += 1;
      },
      zoom: (factor, at) => this.step(this.group, (view, image) => zoomAt(view, factor, scaled(at), this.size, image)),
      pan: (dx, dy) =>
        this.step(this.group, (view, image) => {
          const { ratio } = this.size;
          return pan(view, dx * ratio, dy * ratio, this.size, image);
        }),
      pinch: (before, after) =>
        this.step(this.group, (view, image) => pinch(view, both(before), both(after), this.size, image)),
      fit: () => this.fit(),
      hover: (at, how) => {
        this.probe.hover(at);
        this.element.style.cursor = at === null ? "" : this.cursorAt(at, how);
      },
      grab: (at, how) => this.hold(at, how),
      drag: (grab, at, how) => {
        const { placing } = this;
        if (placing !== null) grab.move(at, placing, how);
      },
      click: (at, how) => this.click(at, how),
      pick: (at) => this.probe.pick(at),
    });
    new ResizeObserver(() => this.resize()).observe(this.element);
  }

  /** Size of the canvas for the worker's start, measured now. */
  measure(): Size {
    this.size = canvasSize(this.element.clientWidth, this.element.clientHeight, devicePixelRatio);
    const { width, height, ratio } = this.size;
    // As large as its pixels: stretched by a part of one, the browser would mix them.
    this.canvas.style.width = `${width / ratio}px`;
    this.canvas.style.height = `${height / ratio}px`;
    return this.size;
  }

  /** Size of the picture on screen; null when there is none or it is a curve. */
  setImage(source: Size | null): void {
    const before = this.source;
    if (before !== null && source !== null && before.width === source.width && before.height === source.height) return;
    this.source = source;
    const image = source === null ? null : this.drawn(source);
    this.image = image;
    if (image === null) {
      this.overlay.setPlacing(null);
      for (const listener of this.listeners) listener(null);
      this.updateProbe();
      return;
    }
    if (this.pendingFocus !== null) {
      this.view = viewOf(this.focusIn(this.pendingFocus, 1), this.size, image);
      this.fitted = false;
      this.pendingFocus = null;
    } else {
      const kept =
        this.fitted || this.view === null || this.viewed === null
          ? null
          : carried(this.view, this.size, this.viewed, image);
      this.view = kept ?? fit(this.size, image);
      this.fitted = kept === null;
    }
    this.viewChanged();
  }

  /** Turn and mirror the picture; what is in the middle stays there. */
  setOrientation(orientation: Orientation): void {
    const middle = { x: this.size.width / 2 / this.size.ratio, y: this.size.height / 2 / this.size.ratio };
    const place = this.placing?.toImage(middle) ?? null;
    this.orientation = orientation;
    if (this.source === null || this.view === null || place === null) return;
    this.image = this.drawn(this.source);
    if (this.fitted) {
      this.showAll();
      return;
    }
    const to = this.placing?.toStage(place) ?? middle;
    const { ratio } = this.size;
    this.change((view, image) => pan(view, (middle.x - to.x) * ratio, (middle.y - to.y) * ratio, this.size, image));
  }

  /** Lets somebody take hold of what lies on the picture. */
  addHandler(handler: Handler): void {
    addHandler(this.handlers, handler);
  }

  /** Where the picture lies; null: there is none. */
  get placing(): Placing | null {
    const { source, view, orientation, size } = this;
    if (source === null || view === null) return null;
    return new Placing({ ...view, orientation }, source, this.cssSize, size.ratio);
  }

  private get cssSize(): Size {
    const { width, height, ratio } = this.size;
    return { width: width / ratio, height: height / ratio };
  }

  /** Look at this part as soon as there is a picture; null: fit. */
  restore(focus: Focus | null): void {
    if (focus === null) {
      this.pendingFocus = null;
      this.showAll();
    } else if (this.image === null) this.pendingFocus = focus;
    else {
      const image = this.image;
      this.change(() => viewOf(this.focusIn(focus, 1), this.size, image));
    }
  }

  fit(): void {
    this.pendingFocus = null;
    this.step(null, (_, image) => fit(this.size, image));
    this.fitted = true;
  }

  /** As large as it covers the stage. */
  fill(): void {
    this.step(null, (_, image) => fill(this.size, image));
  }

  zoomBy(factor: number): void {
    const middle = { x: this.size.width / 2, y: this.size.height / 2 };
    this.step(null, (view, image) => zoomAt(view, factor, middle, this.size, image));
  }

  /** Zoom by a factor; what is at this point of the stage (CSS pixels) stays there. */
  zoomAt(factor: number, at: Point): void {
    const { ratio } = this.size;
    this.step(null, (view, image) => zoomAt(view, factor, { x: at.x * ratio, y: at.y * ratio }, this.size, image));
  }

  /** So many pixels of the screen along an image pixel, around the present middle. */
  scaleTo(scale: number): void {
    this.step(null, (view, image) => {
      const near = this.fitted ? centred(this.size, image, view.scale) : view;
      return zoomAt(near, scale / near.scale, { x: this.size.width / 2, y: this.size.height / 2 }, this.size, image);
    });
  }

  /** These pixels of the source's image as large as they fit. */
  zoomTo([x, y, width, height]: Region): void {
    const { source, orientation } = this;
    if (source === null || width <= 0 || height <= 0) return;
    const a = toShown(orientation, { x: x - 0.5, y: y - 0.5 }, source);
    const b = toShown(orientation, { x: x + width - 0.5, y: y + height - 0.5 }, source);
    const stretch = stretchOf(shownSize(orientation, source));
    const box = {
      x: (Math.min(a.x, b.x) + 0.5) * stretch.x,
      y: (Math.min(a.y, b.y) + 0.5) * stretch.y,
      width: Math.abs(a.x - b.x) * stretch.x,
      height: Math.abs(a.y - b.y) * stretch.y,
    };
    this.step(null, (_, image) => around(box, this.size, image));
  }

  /** Move by parts of the stage. */
  panBy(x: number, y: number): void {
    this.step(null, (view, image) => pan(view, x * this.size.width, y * this.size.height, this.size, image));
  }

  /** A place of the source's image to the middle of the stage, as part of the present gesture. */
  centreOn(place: Place): void {
    const to = this.placing?.toStage(place);
    if (to === undefined) return;
    const { width, height, ratio } = this.size;
    this.step(this.group, (view, image) =>
      pan(view, width / 2 - to.x * ratio, height / 2 - to.y * ratio, this.size, image),
    );
  }

  /** Lets go of what is being dragged, as if it had not begun; false: nothing is. */
  cancelDrag(): boolean {
    return this.gestures.cancel();
  }

  /** Tells where the picture lies whenever that has changed, once in an animation frame; null: there is none. */
  listen(listener: (placing: Placing | null) => void): void {
    this.listeners.push(listener);
  }

  /** Move the pixel that is read out; it starts in the middle of the stage. */
  movePixel(rows: number, columns: number): void {
    if (this.source !== null) this.probe.move(rows, columns, this.source, this.cssSize);
  }

  /** Read out the pixel in the middle of the stage, or stop reading one out. */
  togglePixel(): void {
    if (!this.probe.letGo()) this.movePixel(0, 0);
  }

  /** Device pixels of the screen for each image pixel; null without picture. */
  get zoom(): number | null {
    return this.image === null ? null : (this.view?.scale ?? null);
  }

  /** The pixel that is read out; null: none. */
  get pixel(): Pixel | null {
    return this.probe.pixel;
  }

  /** Part of the picture that is looked at; null: fit. */
  get focus(): Focus | null {
    if (this.fitted || this.view === null || this.image === null) return null;
    return this.focusIn(focusOf(this.view, this.size, this.image), -1);
  }

  private drawn(source: Size): Size {
    return drawnSize(shownSize(this.orientation, source));
  }

  /** A part of the shown image in what is drawn (1), or the other way round (-1). */
  private focusIn({ x, y, zoom }: Focus, way: 1 | -1): Focus {
    if (this.source === null) return { x, y, zoom };
    const stretch = stretchOf(shownSize(this.orientation, this.source));
    return { x: x * stretch.x ** way, y: y * stretch.y ** way, zoom };
  }

  private updateProbe(): void {
    this.probe.setPlacing(this.placing, this.source);
    this.schedule();
  }

  private get group(): string {
    return `gesture ${this.gesture}`;
  }

  private showAll(): void {
    this.change((_, image) => fit(this.size, image));
    this.fitted = true;
  }

  /** A change that the user may take back. */
  private step(group: string | null, next: (view: Placement, image: Size) => Placement): void {
    const { view, focus } = this;
    this.change(next);
    const now = this.view;
    if (view === null || now === null) return;
    if (view.scale !== now.scale || view.offsetX !== now.offsetX || view.offsetY !== now.offsetY)
      this.events.moved(focus, group);
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
    this.viewed = this.image;
    this.updateProbe();
    this.schedule();
    if (this.view !== null && this.image !== null) this.events.focus(this.focus);
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
        const { placing } = this;
        this.overlay.setPlacing(placing);
        for (const listener of this.listeners) listener(placing);
      }
      this.scheduled = { size: false, view: false };
      this.probe.draw();
    });
  }

  /** Takes hold of what lies at a point, or begins what the tool in hand does; null: the picture itself is there. */
  hold(at: Point, how: PointerHow): Grab | null {
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
