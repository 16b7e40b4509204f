/** Two markers: crosses over the whole picture with their positions, set by a click or a key and moved by dragging. */

import type { Grab, Handler, PointerHow, Tools } from "../../ui/stage/handling";
import { isNarrow, isOn, labelBox, lineTwice, strokeTwice } from "../../ui/stage/marks-drawing";
import { type Axes, distanceBetween, distanceText, positionText } from "../../ui/stage/measure";
import type { Layer, Overlay } from "../../ui/stage/overlay";
import type { Placing } from "../../ui/stage/placing";
import type { Place, SettingsStore } from "../../ui/settings";
import type { Point, Size } from "../../ui/stage/view";

type Markers = [first: Place | null, second: Place | null];
type Which = 0 | 1;

const COLOURS = ["#ffe14d", "#6fe8ff"] as const;
const EACH: readonly Which[] = [0, 1];

/** The whole pixel nearest to a place, within the image: a marker marks a pixel. */
export function markedPixel({ x, y }: Place, image: Size): Place {
  const limit = (value: number, count: number): number => Math.min(Math.max(Math.round(value), 0), count - 1);
  return { x: limit(x, image.width), y: limit(y, image.height) };
}

export class MarkerTool implements Handler, Layer {
  readonly rank = "marks";
  private readonly settings: SettingsStore;
  private readonly overlay: Overlay;
  private readonly tools: Tools;
  private readonly axes: () => Axes;
  private chosen: Which | null = null;

  constructor(settings: SettingsStore, overlay: Overlay, tools: Tools, axes: () => Axes) {
    this.settings = settings;
    this.overlay = overlay;
    this.tools = tools;
    this.axes = axes;
  }

  /** Sets or moves one of them; null removes it. */
  set(which: Which, place: Place | null): void {
    const markers: Markers = [...this.settings.now.markers];
    markers[which] = place;
    this.settings.set({ markers });
    this.choose(place === null ? null : which);
  }

  /** Removes the one that was set, moved or clicked last; false: there is none. */
  removeChosen(): boolean {
    const { chosen } = this;
    if (chosen === null || this.settings.now.markers[chosen] === null) return false;
    this.set(chosen, null);
    return true;
  }

  /** Nothing is chosen any more. */
  letGo(): void {
    this.choose(null);
  }

  grab(at: Point, placing: Placing, how: PointerHow): Grab | null {
    const which = this.at(at, placing, how);
    if (which === null) return null;
    const before = this.settings.now.markers[which];
    return {
      move: (to, now) => this.set(which, markedPixel(now.toImage(to), now.image)),
      end: (cancelled) => {
        if (cancelled) this.set(which, before);
      },
    };
  }

  cursor(at: Point, placing: Placing, how: PointerHow): string | null {
    return this.at(at, placing, how) === null ? null : "move";
  }

  click(at: Point, placing: Placing, how: PointerHow): boolean {
    const there = this.at(at, placing, how);
    if (this.tools.current !== "marker") {
      if (there !== null) this.choose(there);
      return there !== null;
    }
    const second = how.shift || this.tools.isSecond;
    this.set(second ? 1 : 0, markedPixel(placing.toImage(at), placing.image));
    return true;
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { markers } = this.settings.now;
    const [first, second] = markers;
    if (first === null && second === null) return false;
    for (const which of EACH) {
      const place = markers[which];
      if (place !== null) this.drawOne(context, placing, which, place);
    }
    if (first === null || second === null) return;
    context.setLineDash([3, 4]);
    lineTwice(context, "#fff", placing.toStage(first), placing.toStage(second), 1);
    context.setLineDash([]);
  }

  private drawOne(context: CanvasRenderingContext2D, placing: Placing, which: Which, place: Place): void {
    const at = placing.toStage(place);
    const { x, y, width, height } = placing.boxOf({ x: 0, y: 0, ...placing.image });
    lineTwice(context, COLOURS[which], { x, y: at.y }, { x: x + width, y: at.y }, 1);
    lineTwice(context, COLOURS[which], { x: at.x, y }, { x: at.x, y: y + height }, 1);
    strokeTwice(
      context,
      COLOURS[which],
      () => {
        context.beginPath();
        context.arc(at.x, at.y, 6, 0, 2 * Math.PI);
      },
      which === this.chosen ? 2.5 : 1.25,
    );
    const lines = isNarrow(placing.size) ? [String(which + 1)] : this.label(which, place);
    if (isOn(at, placing.size)) labelBox(context, lines, at, placing.size, COLOURS[which]);
  }

  private label(which: Which, place: Place): string[] {
    const axes = this.axes();
    const lines = [`${which + 1}:  ${positionText(place, axes)}`];
    const first = this.settings.now.markers[0];
    if (which === 1 && first !== null) lines.push(distanceText(distanceBetween(first, place, axes), false));
    return lines;
  }

  /** The marker whose crossing is near; the second lies above the first. */
  private at(at: Point, placing: Placing, how: PointerHow): Which | null {
    if (!this.tools.leaves("marker")) return null;
    for (const which of [1, 0] as const) {
      const place = this.settings.now.markers[which];
      if (place === null) continue;
      const there = placing.toStage(place);
      if (Math.hypot(there.x - at.x, there.y - at.y) <= how.reach + 2) return which;
    }
    return null;
  }

  private choose(which: Which | null): void {
    this.chosen = which;
    this.overlay.invalidate();
  }
}
