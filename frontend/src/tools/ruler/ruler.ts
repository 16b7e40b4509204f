/** A ruler: a line from one place to another with its length, whose ends are dragged. */

import { compactNumber } from "../../ui/format";
import type { Grab, Handler, PointerHow, Tools } from "../../ui/stage/handling";
import { isNarrow, isOn, labelBox, lineTwice, strokeTwice } from "../../ui/stage/marks-drawing";
import { type Axes, distanceBetween, distanceText } from "../../ui/stage/measure";
import type { Layer, Overlay } from "../../ui/stage/overlay";
import type { Placing } from "../../ui/stage/placing";
import type { Place, SettingsStore } from "../../ui/settings";
import type { Point } from "../../ui/stage/view";

type Ends = [Place, Place];

const COLOUR = "#ffb86b";

/** A place to a tenth of a pixel: finer than anybody can point. */
export function rounded({ x, y }: Place): Place {
  return { x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 };
}

/** The place nearest to `to` that is level with `from`, upright above it or at 45 degrees. */
export function straightened(from: Place, to: Place): Place {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  if (Math.abs(dx) > 2.414 * Math.abs(dy)) return { x: to.x, y: from.y };
  if (Math.abs(dy) > 2.414 * Math.abs(dx)) return { x: from.x, y: to.y };
  const side = (Math.abs(dx) + Math.abs(dy)) / 2;
  return { x: from.x + Math.sign(dx) * side, y: from.y + Math.sign(dy) * side };
}

export class RulerTool implements Handler, Layer {
  readonly rank = "marks";
  private readonly settings: SettingsStore;
  private readonly overlay: Overlay;
  private readonly tools: Tools;
  private readonly axes: () => Axes;
  private chosen = false;

  constructor(settings: SettingsStore, overlay: Overlay, tools: Tools, axes: () => Axes) {
    this.settings = settings;
    this.overlay = overlay;
    this.tools = tools;
    this.axes = axes;
  }

  /** Removes it if it was drawn, moved or clicked last; false: it was not. */
  removeChosen(): boolean {
    if (!this.chosen || this.settings.now.ruler === null) return false;
    this.settings.set({ ruler: null });
    this.choose(false);
    return true;
  }

  letGo(): void {
    this.choose(false);
  }

  grab(at: Point, placing: Placing, how: PointerHow): Grab | null {
    const before = this.settings.now.ruler;
    const end = this.endAt(at, placing, how);
    if (end !== null && before !== null) return this.dragFrom(before[1 - end]!, before);
    if (this.tools.current !== "ruler") return null;
    return this.dragFrom(rounded(placing.toImage(at)), before);
  }

  cursor(at: Point, placing: Placing, how: PointerHow): string | null {
    return this.endAt(at, placing, how) === null ? null : "move";
  }

  click(at: Point, placing: Placing, how: PointerHow): boolean {
    // A click with the tool in hand draws nothing, and does not read out a pixel either.
    if (this.tools.current === "ruler") return true;
    const hit = this.endAt(at, placing, how) !== null;
    if (hit) this.choose(true);
    return hit;
  }

  draw(context: CanvasRenderingContext2D, placing: Placing): boolean | void {
    const { ruler } = this.settings.now;
    if (ruler === null) return false;
    const [a, b] = [placing.toStage(ruler[0]), placing.toStage(ruler[1])];
    lineTwice(context, COLOUR, a, b, 1.5);
    for (const end of [a, b])
      strokeTwice(
        context,
        COLOUR,
        () => {
          context.beginPath();
          context.arc(end.x, end.y, 4.5, 0, 2 * Math.PI);
        },
        this.chosen ? 2.5 : 1.5,
      );
    const end = isOn(b, placing.size) ? b : a;
    if (!isOn(end, placing.size)) return;
    const text = isNarrow(placing.size) ? shortLine(ruler, this.axes()) : rulerText(ruler, this.axes());
    labelBox(context, [text], end, placing.size, COLOUR);
  }

  private dragFrom(fixed: Place, before: Ends | null): Grab {
    return {
      move: (to, placing, how) => {
        const place = placing.toImage(to);
        this.settings.set({ ruler: [fixed, rounded(how.shift ? straightened(fixed, place) : place)] });
        this.choose(true);
      },
      end: (cancelled) => {
        if (cancelled) this.settings.set({ ruler: before });
        if (this.tools.current === "ruler") this.tools.choose("pan");
      },
    };
  }

  private endAt(at: Point, placing: Placing, how: PointerHow): 0 | 1 | null {
    const { ruler } = this.settings.now;
    if (ruler === null || !this.tools.leaves("ruler")) return null;
    for (const end of [1, 0] as const) {
      const there = placing.toStage(ruler[end]);
      if (Math.hypot(there.x - at.x, there.y - at.y) <= how.reach) return end;
    }
    return null;
  }

  private choose(chosen: boolean): void {
    this.chosen = chosen;
    this.overlay.invalidate();
  }
}

/** The length alone. */
function shortLine([a, b]: Ends, axes: Axes): string {
  const { length, unit } = distanceBetween(a, b, axes);
  return `${compactNumber(Number(length.toPrecision(4)))} ${unit}`;
}

/** What is written beside it, in the unit of the axes. */
export function rulerText([a, b]: Ends, axes: Axes): string {
  return distanceText(distanceBetween(a, b, axes), true);
}
