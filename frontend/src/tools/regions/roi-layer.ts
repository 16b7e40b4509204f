/** Regions of interest over the picture: drawn, taken hold of, and made with the tools. */

import type { Roi, RoiShape } from "../../contract";
import type { Grab, Handler, PointerHow, ToolName, Tools } from "../../ui/stage/handling";
import type { Layer, Overlay } from "../../ui/stage/overlay";
import type { Placing } from "../../ui/stage/placing";
import { changed, fromDrag, inside, pointsOf, polygonOf, type RoiPart } from "../../ui/stage/shape-edit";
import { cursorOf, handlesOf, onOutline, outlineOf, partAt } from "../../ui/stage/shape-handles";
import { roiColour, withoutRois, withRoi, withShape } from "./roi-set";
import type { Place, SettingsStore } from "../../ui/settings";
import type { Point } from "../../ui/stage/view";

const DRAWN: Partial<Record<ToolName, "rectangle" | "ellipse" | "line">> = {
  "roi-rectangle": "rectangle",
  "roi-ellipse": "ellipse",
  "roi-line": "line",
};
const DARK = "rgb(10 11 13 / 78%)";
const HANDLE = 4;
const FONT = "600 12px system-ui, sans-serif";

export class RoiLayer implements Layer, Handler {
  readonly rank = "regions";
  private readonly settings: SettingsStore;
  private readonly tools: Tools;
  private readonly overlay: Overlay;
  private readonly onDrawn: () => void;
  /** the polygon that is being made, and where its next point would be */
  private corners: Place[] = [];
  private next: Place | null = null;

  /** `onDrawn`: a region was made on the picture. */
  constructor(settings: SettingsStore, tools: Tools, overlay: Overlay, onDrawn: () => void) {
    this.settings = settings;
    this.tools = tools;
    this.overlay = overlay;
    this.onDrawn = onDrawn;
    settings.watch(["rois", "roi"], () => overlay.invalidate());
    tools.listen((name) => {
      if (name !== "roi-polygon") this.dropCorners();
    });
    // Before others: these keys belong to the polygon while there is one.
    document.addEventListener("keydown", (event) => this.key(event), true);
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { rois, roi: chosen } = this.settings.now;
    if (rois.length === 0 && this.corners.length === 0) return false;
    context.lineJoin = "round";
    for (const roi of rois) if (roi.id !== chosen) drawRoi(context, placing, roi, false);
    const last = rois.find(({ id }) => id === chosen);
    if (last !== undefined) drawRoi(context, placing, last, true);
    if (this.corners.length > 0) this.drawCorners(context, placing);
  }

  grab(at: Point, placing: Placing, how: PointerHow): Grab | null {
    const kind = DRAWN[this.tools.current];
    if (kind !== undefined) return this.drawing(kind, placing.toImage(at));
    if (this.tools.current !== "pan") return null;
    const found = this.find(at, placing, how.reach);
    return found === null ? null : this.changing(found.roi, found.part, placing.toImage(at));
  }

  cursor(at: Point, placing: Placing, how: PointerHow): string | null {
    if (this.tools.current === "roi-polygon") {
      // Nobody else tells where the mouse is: the next side of the polygon follows it.
      this.next = inside(placing.toImage(at), placing.image);
      if (this.corners.length > 0) this.overlay.invalidate();
      return "crosshair";
    }
    if (DRAWN[this.tools.current] !== undefined) return "crosshair";
    if (this.tools.current !== "pan") return null;
    const found = this.find(at, placing, how.reach);
    return found === null ? null : cursorOf(found.roi.shape, found.part, placing);
  }

  click(at: Point, placing: Placing, how: PointerHow): boolean {
    if (this.tools.current === "roi-polygon") {
      this.addCorner(at, placing, how.reach);
      return true;
    }
    if (this.tools.current !== "pan") return false;
    const found = this.find(at, placing, how.reach);
    // The inside of the chosen one is the picture for a click: a finger reads out its pixels.
    if (found === null || (found.part.kind === "inside" && found.roi.id === this.settings.now.roi)) return false;
    this.settings.set({ roi: found.roi.id });
    return true;
  }

  /** The chosen region may be taken anywhere, the others by their outline; those on top first. */
  private find(at: Point, placing: Placing, reach: number): { roi: Roi; part: RoiPart } | null {
    const { rois, roi: chosen } = this.settings.now;
    const first = rois.find(({ id }) => id === chosen);
    if (first !== undefined) {
      const part = partAt(first.shape, at, placing, reach);
      if (part !== null) return { roi: first, part };
    }
    for (const roi of rois.toReversed())
      if (roi.id !== chosen && onOutline(roi.shape, at, placing, reach)) return { roi, part: { kind: "inside" } };
    return null;
  }

  private drawing(kind: "rectangle" | "ellipse" | "line", from: Place): Grab {
    const { rois, roi } = this.settings.now;
    const before = { rois, roi };
    let id: number | null = null;
    return {
      move: (at, placing, how) => {
        const shape = fromDrag(kind, from, placing.toImage(at), placing.image, how.shift);
        if (shape === null) return;
        if (id === null) {
          const added = withRoi(this.settings.now, shape);
          id = added.roi;
          this.settings.set(added);
        } else this.settings.set(withShape(this.settings.now, id, shape));
      },
      end: (cancelled) => {
        if (id === null) return;
        if (cancelled) this.settings.set({ ...withoutRois(this.settings.now, [id]), roi: before.roi });
        else this.drawn();
      },
    };
  }

  private changing({ id, shape }: Roi, part: RoiPart, from: Place): Grab {
    const before = this.settings.now.roi;
    return {
      move: (at, placing, how) => {
        const next = changed(shape, part, from, placing.toImage(at), placing.image, how.shift);
        this.settings.set({ ...withShape(this.settings.now, id, next), roi: id });
      },
      end: (cancelled) => {
        if (cancelled) this.settings.set({ ...withShape(this.settings.now, id, shape), roi: before });
      },
    };
  }

  /** A corner near the first one or the last one closes the polygon: so does a double click. */
  private addCorner(at: Point, placing: Placing, reach: number): void {
    const place = inside(placing.toImage(at), placing.image);
    const isNear = (corner: Place | undefined): boolean => {
      if (corner === undefined) return false;
      const point = placing.toStage(corner);
      return Math.hypot(point.x - at.x, point.y - at.y) <= reach;
    };
    if (isNear(this.corners.at(-1)) || (this.corners.length > 2 && isNear(this.corners[0]))) this.close();
    else this.corners.push(place);
    this.overlay.invalidate();
  }

  private close(): void {
    if (this.corners.length < 3) return;
    const shape = polygonOf(this.corners);
    this.dropCorners();
    this.settings.set(withRoi(this.settings.now, shape));
    this.drawn();
  }

  private drawn(): void {
    this.tools.choose("pan");
    this.onDrawn();
  }

  private dropCorners(): void {
    if (this.corners.length === 0) return;
    this.corners = [];
    this.next = null;
    this.overlay.invalidate();
  }

  private key(event: KeyboardEvent): void {
    if (this.corners.length === 0) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea, dialog[open]") !== null)
      return;
    if (event.key === "Enter") this.close();
    else if (event.key === "Escape") this.dropCorners();
    else if (event.key === "Backspace") {
      this.corners.pop();
      this.overlay.invalidate();
    } else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  private drawCorners(context: CanvasRenderingContext2D, placing: Placing): void {
    const places = this.next === null ? this.corners : [...this.corners, this.next];
    const points = places.map((place) => placing.toStage(place));
    strokeTwice(context, points, false, "#ffffff", 1.5);
    for (const point of points.slice(0, this.corners.length)) drawHandle(context, point, "#ffffff");
  }
}

function drawRoi(context: CanvasRenderingContext2D, placing: Placing, { id, name, shape }: Roi, chosen: boolean): void {
  const colour = roiColour(id);
  strokeTwice(context, outlineOf(shape, placing), shape.kind !== "line", colour, chosen ? 2.25 : 1.5);
  if (chosen) for (const { at } of handlesOf(shape, placing)) drawHandle(context, at, colour);
  drawName(context, placing, shape, name, colour, chosen);
}

/** A light line on a dark one is seen on every colour map. */
function strokeTwice(
  context: CanvasRenderingContext2D,
  points: Point[],
  closed: boolean,
  colour: string,
  width: number,
): void {
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  if (closed) context.closePath();
  context.lineWidth = width + 2;
  context.strokeStyle = DARK;
  context.stroke();
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke();
}

function drawHandle(context: CanvasRenderingContext2D, { x, y }: Point, colour: string): void {
  context.beginPath();
  context.rect(x - HANDLE, y - HANDLE, 2 * HANDLE, 2 * HANDLE);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = "#000000";
  context.stroke();
}

/** Above the top left corner, or inside where the stage ends. */
function drawName(
  context: CanvasRenderingContext2D,
  placing: Placing,
  shape: RoiShape,
  name: string,
  colour: string,
  chosen: boolean,
): void {
  const points = pointsOf(shape).map((place) => placing.toStage(place));
  const left = Math.min(...points.map(({ x }) => x));
  const top = Math.min(...points.map(({ y }) => y));
  context.font = FONT;
  const width = context.measureText(name).width + 8;
  const x = Math.min(Math.max(left, 0), placing.size.width - width);
  const above = top - 20 - (chosen ? HANDLE : 0);
  const y = above >= 0 ? above : Math.max(top, 0) + 4;
  context.fillStyle = DARK;
  context.fillRect(x, y, width, 17);
  context.fillStyle = colour;
  context.textBaseline = "middle";
  context.fillText(name, x + 4, y + 9);
}
