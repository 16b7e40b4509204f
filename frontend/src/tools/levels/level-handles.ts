/** The two levels on the colour bar, to be taken hold of by a pointer or moved by keys. */

import { el, setAttribute, setText } from "../../ui/dom";
import { draggedLevels, type LevelDrag, type LevelPart, steppedLevels } from "./level-drag";
import { limitedPartOf, partOf, type Range, type ValueAxis } from "./value-axis";

/** Part of the axis that an arrow key moves a level; ten times as much with Shift. */
const STEP = 0.01;

const KEYS: Record<string, number> = {
  ArrowUp: 1,
  ArrowRight: 1,
  ArrowDown: -1,
  ArrowLeft: -1,
  PageUp: 10,
  PageDown: -10,
};

interface Handlers {
  /** Levels that somebody sets; at most once for each frame of the screen. */
  levels(levels: Range): void;
  automatic(): void;
  /** A drag began or ended: the axis must rest meanwhile. */
  dragging(active: boolean): void;
}

export class LevelHandles {
  readonly between = el("div", { class: "level-between", "data-testid": "bar-between", title: "Drag both levels" });
  readonly low = handle("low");
  readonly high = handle("high");
  private readonly host: HTMLElement;
  private readonly vertical: () => boolean;
  private readonly handlers: Handlers;
  private levels: Range | null = null;
  private axis: ValueAxis | null = null;
  private drag: LevelDrag | null = null;
  private pending: Range | null = null;

  /** `host` is what the axis spans, from its bottom or left to its top or right. */
  constructor(host: HTMLElement, vertical: () => boolean, handlers: Handlers) {
    this.host = host;
    this.vertical = vertical;
    this.handlers = handlers;
    host.append(this.between, this.low.element, this.low.label, this.high.element, this.high.label);
    this.listen(this.between, "both");
    this.listen(this.low.element, "low");
    this.listen(this.high.element, "high");
    for (const part of ["low", "high"] as const) {
      const { element } = this[part];
      element.addEventListener("keydown", (event) => this.key(event, part));
      element.addEventListener("dblclick", (event) => {
        event.stopPropagation();
        handlers.automatic();
      });
    }
  }

  /** @param offset what is to be added to the texts; "": nothing */
  show(axis: ValueAxis, levels: Range, texts: readonly [low: string, high: string], offset: string): void {
    this.axis = axis;
    this.levels = levels;
    const parts = levels.map((level) => limitedPartOf(axis, level));
    [this.low, this.high].forEach(({ element, label }, index) => {
      const level = levels[index] ?? 0;
      for (const node of [element, label]) node.style.setProperty("--part", String(parts[index]));
      element.classList.toggle("beyond", partOf(axis, level) !== parts[index]);
      const text = texts[index] ?? "";
      setText(label, text);
      setAttribute(element, "aria-valuenow", level);
      setAttribute(element, "aria-valuetext", offset === "" ? text : `${offset} ${text}`);
      setAttribute(element, "aria-valuemin", index === 0 ? axis.low : levels[0]);
      setAttribute(element, "aria-valuemax", index === 0 ? levels[1] : axis.high);
      setAttribute(element, "aria-orientation", this.vertical() ? "vertical" : "horizontal");
    });
    this.between.style.setProperty("--from", String(parts[0]));
    this.between.style.setProperty("--to", String(parts[1]));
  }

  /** Part of the axis under a point of the window. */
  partAt(event: MouseEvent): number {
    const box = this.host.getBoundingClientRect();
    return this.vertical() ? 1 - (event.clientY - box.top) / box.height : (event.clientX - box.left) / box.width;
  }

  private listen(element: HTMLElement, part: LevelPart): void {
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.axis === null || this.levels === null || this.drag !== null) return;
      element.setPointerCapture(event.pointerId);
      this.drag = { part, axis: this.axis, levels: this.levels, from: this.partAt(event) };
      this.handlers.dragging(true);
    });
    element.addEventListener("pointermove", (event) => {
      if (this.drag === null || !element.hasPointerCapture(event.pointerId)) return;
      const to = this.partAt(event);
      if (to === this.drag.from && this.pending === null) return;
      this.soon(draggedLevels(this.drag, to, this.places()));
    });
    element.addEventListener("lostpointercapture", () => {
      if (this.drag === null) return;
      this.flush();
      this.drag = null;
      this.handlers.dragging(false);
    });
    element.addEventListener("pointercancel", () => {
      if (this.drag !== null) this.pending = this.drag.levels;
    });
  }

  private key(event: KeyboardEvent, part: "low" | "high"): void {
    const steps = KEYS[event.key];
    if (steps === undefined || this.axis === null || this.levels === null) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const by = STEP * steps * (event.shiftKey ? 10 : 1);
    this.soon(steppedLevels(this.axis, this.pending ?? this.levels, part, by));
  }

  private places(): number {
    const { width, height } = this.host.getBoundingClientRect();
    return Math.max(10, this.vertical() ? height : width);
  }

  private soon(levels: Range): void {
    if (this.pending === null) requestAnimationFrame(() => this.flush());
    this.pending = levels;
  }

  private flush(): void {
    const next = this.pending;
    this.pending = null;
    if (next !== null && (next[0] !== this.levels?.[0] || next[1] !== this.levels[1])) this.handlers.levels(next);
  }
}

function handle(which: "low" | "high"): { element: HTMLElement; label: HTMLElement } {
  const label = el("span", { class: `ramp-end ramp-${which}`, "data-testid": `bar-${which}`, "aria-hidden": "true" });
  const element = el(
    "div",
    {
      class: `level-handle level-${which}`,
      role: "slider",
      tabindex: 0,
      "aria-label": which === "low" ? "Lowest level of the colours" : "Highest level of the colours",
      title: "Drag, or arrow keys; double click: automatic levels",
      "data-testid": `handle-${which}`,
    },
    el("span", { class: "level-grip" }),
  );
  return { element, label };
}
