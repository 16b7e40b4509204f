/**
 * The colour bar beside the picture: the ramp and the counts of the values along an axis that reaches beyond the
 * levels, and the two levels as handles. Below the picture, and without the counts, on a phone.
 */

import type { Colours } from "../../contract";
import { DEFAULT_COLOURS } from "../../defaults";
import { effectiveLevels } from "../../render/scales";
import { el, setAttribute, setText } from "../../ui/dom";
import { shortNumber } from "../../ui/format";
import { type Histogram, HistogramView } from "./histogram-view";
import { LevelHandles } from "./level-handles";
import { rampColours } from "./ramp";
import {
  axisFor,
  type AxisTexts,
  axisTexts,
  limitedPartOf,
  type Range,
  type ValueAxis,
  zoomedAxis,
} from "./value-axis";

/** What the bar needs of the picture. */
export interface BarContent {
  levels: Range;
  /** lowest and highest finite value; null: not known */
  range: Range | null;
  /** values of the picture are whole numbers */
  integer: boolean;
  /** the levels were set by hand */
  held: boolean;
}

const PHONE = "(max-width: 599px), (max-width: 760px) and (min-height: 521px)";
/** CSS pixels that a tick with its label takes, down or across. */
const TICK_HEIGHT = 44;
const TICK_WIDTH = 64;
const LABEL_HEIGHT = 17;
/** Longer numbers take the histogram's room no more. */
const MOST_CHARACTERS = 11;

export class ColourBar {
  private readonly ramp = el("canvas", { class: "ramp", "data-testid": "ramp", "aria-hidden": "true" });
  private readonly counts = new HistogramView();
  private readonly ticks = el("div", { class: "ramp-ticks", "aria-hidden": "true" });
  private readonly above = el("span", { class: "beyond-data beyond-high", hidden: true }, "▲");
  private readonly below = el("span", { class: "beyond-data beyond-low", hidden: true }, "▼");
  private readonly body = el(
    "div",
    { class: "ramp-body", "data-testid": "bar-body" },
    this.ramp,
    this.counts.canvas,
    this.ticks,
    this.above,
    this.below,
  );
  private readonly logCounts = el(
    "button",
    {
      type: "button",
      class: "button toggle bar-button",
      "data-testid": "counts-log",
      "aria-pressed": "true",
      "aria-label": "log N: logarithmic counts",
      title: "Counts of the histogram: logarithmic or linear",
    },
    "log N",
  );
  private readonly whole = el(
    "button",
    {
      type: "button",
      class: "button bar-button",
      "data-testid": "bar-whole",
      hidden: true,
      title: "Show the whole range of values again (double click)",
    },
    "whole",
  );
  /** what the numbers beside the bar are to be added to */
  private readonly offset = el("span", { class: "bar-offset", "data-testid": "bar-offset" });
  readonly element = el(
    "div",
    { class: "colour-bar", role: "group", "data-testid": "colour-bar", "aria-label": "Colour scale" },
    this.body,
    el("div", { class: "bar-foot" }, this.offset, this.logCounts, this.whole),
  );

  /** Somebody set levels by hand. */
  onLevels: (levels: Range) => void = () => undefined;
  /** Somebody wants automatic levels. */
  onAutomatic: () => void = () => undefined;
  /** Whether counts are of use now; called when that changes. */
  onWantsHistogram: (wanted: boolean) => void = () => undefined;

  private readonly phone = matchMedia(PHONE);
  private readonly handles = new LevelHandles(this.body, () => !this.phone.matches, {
    levels: (levels) => this.onLevels(levels),
    automatic: () => this.onAutomatic(),
    dragging: (active) => this.setDragging(active),
  });
  private colours: Colours = DEFAULT_COLOURS;
  private content: BarContent | null = null;
  private axis: ValueAxis | null = null;
  private zoomed = false;
  private dragging = false;
  private logarithmic = true;
  private wanted = false;
  private drawn = "";

  constructor() {
    new ResizeObserver(() => this.draw()).observe(this.body);
    this.phone.addEventListener("change", () => this.draw());
    this.body.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.body.addEventListener("dblclick", () => this.showWhole());
    this.whole.addEventListener("click", () => this.showWhole());
    this.logCounts.addEventListener("click", () => {
      this.logarithmic = !this.logarithmic;
      setAttribute(this.logCounts, "aria-pressed", String(this.logarithmic));
      this.counts.setLogarithmic(this.logarithmic);
    });
  }

  /** Whether counts are of use: the bar shows them, and there is a picture with levels. */
  get wantsHistogram(): boolean {
    return this.wanted;
  }

  setColours(colours: Colours): void {
    if (colours === this.colours) return;
    if (colours.scale !== this.colours.scale) this.zoomed = false;
    this.colours = colours;
    this.draw();
  }

  /** What is on screen; null: no picture, or one with its own colours. */
  setContent(content: BarContent | null): void {
    this.content = content;
    if (content === null) this.zoomed = false;
    this.draw();
  }

  /** Counts of the picture on screen. */
  setHistogram(histogram: Histogram | null): void {
    this.counts.set(this.wanted ? histogram : null);
  }

  /** Shows less of the axis of values (a factor above 1) or more, around the middle of the levels. */
  zoomLevels(factor: number): void {
    if (this.axis === null || this.content === null) return;
    const [low, high] = this.content.levels.map((level) => limitedPartOf(this.axis as ValueAxis, level)) as Range;
    this.zoom((low + high) / 2, factor);
  }

  /** Shows the whole axis again. */
  showWhole(): void {
    this.zoomed = false;
    this.axis = null;
    this.draw();
  }

  private zoom(part: number, factor: number): void {
    if (this.axis === null) return;
    this.axis = zoomedAxis(this.axis, part, factor);
    this.zoomed = true;
    this.draw();
  }

  private wheel(event: WheelEvent): void {
    if (this.axis === null || event.ctrlKey) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
    this.zoom(this.handles.partAt(event), 2 ** (Math.max(-300, Math.min(300, -lines)) / 240));
  }

  private setDragging(active: boolean): void {
    this.dragging = active;
    this.body.classList.toggle("dragging", active);
    this.draw();
  }

  private draw(): void {
    const { content, colours } = this;
    this.element.classList.toggle("unused", content === null);
    this.want(content !== null && !this.phone.matches);
    if (content === null) {
      setAttribute(this.element, "aria-label", "Colour scale, not in use");
      this.axis = null;
      this.drawn = "";
      return;
    }
    const { levels, range, held, integer } = content;
    const drawable = effectiveLevels(levels, colours.scale, integer);
    if (this.axis === null || !(this.zoomed || this.dragging)) {
      this.axis = axisFor(this.axis, colours.scale, drawable, range, held);
    }
    const { axis } = this;
    this.whole.hidden = !this.zoomed;
    this.above.hidden = !(range !== null && range[1] > axis.high);
    this.below.hidden = !(range !== null && range[0] < axis.low && axis.kind !== "log");
    if (range !== null) {
      setAttribute(this.above, "title", `Values go up to ${shortNumber(range[1])}`);
      setAttribute(this.below, "title", `Values go down to ${shortNumber(range[0])}`);
    }
    const { width, height } = this.body.getBoundingClientRect();
    const places = Math.max(1, Math.round((this.phone.matches ? width : height) * devicePixelRatio));
    const key = JSON.stringify([axis, levels, drawable, colours, places, this.phone.matches]);
    if (key === this.drawn) return;
    this.drawn = key;
    const [low, high] = levels;
    setAttribute(this.element, "aria-label", `Colour scale from ${shortNumber(low)} to ${shortNumber(high)}`);
    const texts = axisTexts(
      axis,
      levels,
      Math.max(2, Math.floor(this.phone.matches ? width / TICK_WIDTH : height / TICK_HEIGHT)),
    );
    setText(this.offset, texts.offset === "" ? "" : `${texts.offset} +`);
    setAttribute(
      this.offset,
      "title",
      texts.offset === "" ? null : `Numbers beside the bar are to be added to ${texts.offset}`,
    );
    const ends = [texts.low, texts.high];
    const characters = Math.max(
      ...(this.phone.matches ? ends : [...ends, ...texts.ticks.map(({ label }) => label)]).map(({ length }) => length),
    );
    this.element.style.setProperty("--characters", String(Math.min(characters, MOST_CHARACTERS)));
    this.handles.show(axis, levels, [texts.low, texts.high], texts.offset);
    this.counts.setAxis(axis);
    this.drawRamp(rampColours(axis, drawable, colours, places), places);
    this.drawTicks(axis, levels, texts.ticks, height);
  }

  private drawRamp(rgba: Uint8ClampedArray<ArrayBuffer>, places: number): void {
    const across = this.phone.matches;
    const context = this.ramp.getContext("2d");
    if (context === null) return;
    this.ramp.width = across ? places : 1;
    this.ramp.height = across ? 1 : places;
    if (!across) new Uint32Array(rgba.buffer).reverse();
    context.putImageData(new ImageData(rgba, this.ramp.width, this.ramp.height), 0, 0);
  }

  /** A tick beside the number of a level has no number of its own. */
  private drawTicks(axis: ValueAxis, levels: Range, ticks: AxisTexts["ticks"], height: number): void {
    const [low, high] = levels.map((level) => limitedPartOf(axis, level)) as Range;
    const room = LABEL_HEIGHT / Math.max(1, height);
    const near = (part: number): boolean =>
      (part > low - 1.5 * room && part < low + room / 2) || (part > high - room / 2 && part < high + 1.5 * room);
    this.ticks.replaceChildren(
      ...ticks.map(({ part, label }) => {
        const bare = this.phone.matches ? part < 0.04 || part > 0.96 : near(part);
        const tick = el("span", { class: bare ? "tick tick-bare" : "tick" }, label);
        tick.style.setProperty("--part", String(part));
        return tick;
      }),
    );
  }

  private want(wanted: boolean): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (!wanted) this.counts.set(null);
    this.onWantsHistogram(wanted);
  }
}
