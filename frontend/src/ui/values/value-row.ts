/** One row of the value table: a value as text, or an array as a small curve. */

import type { ArrayValue } from "../../contract";
import type { CurvePlot } from "../curves/curve-plot";
import { el, setAttribute, setText } from "../dom";
import { formatAge, formatShape, shortNumber } from "../format";
import { ABSENT, ONLY_WITH_PICTURE, type ValueText } from "./value-text";
import { curvePlot } from "../curves/plots";

/** Characters that a value has room for beside a long name. */
const ROOMY = 14;
/** So many values are also written in the curve's title. */
const FEW = 16;

export type Entry = { kind: "text"; text: ValueText } | { kind: "array"; array: ArrayValue } | { kind: "absent" };

/** An earlier value of a channel that has none in this pulse. */
export interface Earlier {
  entry: Entry;
  pulse: string;
  ageMs: number;
}

export class ValueRow {
  readonly element: HTMLElement;
  /** in the section of the curves */
  curve = false;
  /** values may have come since the curve was drawn last */
  private dirty = false;
  private visible = false;
  private plot: CurvePlot | null = null;
  private readonly again = (): void => {
    if (this.visible) this.drawCurve();
  };
  private array: ArrayValue | null = null;
  private expanded = false;
  private latest: ValueText = ABSENT;
  private lastSeen = "";

  private readonly value = el("span", { class: "row-value", role: "gridcell", "data-testid": "value" });
  private readonly dtype = el("span", { class: "row-dtype", role: "gridcell" });
  private readonly spark = el("div", { class: "spark", "aria-hidden": "true" });
  private readonly full = el("pre", { class: "row-full", role: "gridcell", hidden: true });

  constructor(name: string) {
    this.element = el(
      "div",
      { class: "row", role: "row", tabindex: -1, "data-channel": name },
      el("span", { class: "row-name", role: "rowheader", title: name }, ...breakable(name)),
      this.value,
      this.dtype,
      this.full,
    );
  }

  /** An earlier value, marked with its age: the pulse of the table has none. */
  hold({ entry, pulse, ageMs }: Earlier): void {
    setAttribute(this.element, "data-held", true);
    const age = `${formatAge(ageMs / 1000)} ago`;
    const title = `Of pulse ${pulse}, ${age}. The pulse above the table has no value of this channel.`;
    if (entry.kind === "text") {
      this.showText({ ...entry.text, dtype: age, title: `${entry.text.title}\n${title}` });
    } else if (entry.kind === "array") {
      if (this.array !== entry.array) this.showArray(entry.array, pulse);
      setText(this.dtype, age);
      setAttribute(this.value, "title", title);
    }
  }

  /** `pulse`: the pulse id that the entry belongs to, for "last seen". `picture`: the values came with a picture. */
  update(entry: Entry, pulse: string, picture: boolean): void {
    setAttribute(this.element, "data-held", false);
    if (entry.kind === "array") this.showArray(entry.array, pulse);
    else if (entry.kind === "text") {
      this.lastSeen = `last: ${entry.text.text} (pulse ${pulse})`;
      this.showText(entry.text);
    } else {
      const absent = this.curve && !picture ? ONLY_WITH_PICTURE : ABSENT;
      this.showText({ ...absent, title: `${absent.title} ${this.lastSeen}`.trim() });
    }
  }

  /** Curves are drawn only while they can be seen. */
  setVisible(visible: boolean): void {
    this.visible = visible;
    if (visible) this.drawCurve();
    else this.dropPlot();
  }

  /** Show or hide the whole value; returns false for an array, which has its own panel. */
  toggle(): boolean {
    if (this.array !== null) return false;
    this.expanded = !this.expanded;
    this.showFull();
    return true;
  }

  destroy(): void {
    this.dropPlot();
    this.element.remove();
  }

  private showText(text: ValueText): void {
    if (this.array !== null) {
      this.array = null;
      this.dropPlot();
      this.spark.remove();
      setAttribute(this.value, "aria-label", null);
      this.element.classList.remove("row-array");
    }
    const same =
      text.tone === this.latest.tone &&
      text.text === this.latest.text &&
      text.full === this.latest.full &&
      text.title === this.latest.title &&
      text.dtype === this.latest.dtype;
    if (same && this.value.firstChild !== null) return;
    this.latest = text;
    setText(this.value, text.text);
    setAttribute(this.value, "data-tone", text.tone);
    setAttribute(this.value, "title", text.title === "" ? null : text.title);
    setText(this.dtype, text.dtype);
    this.element.classList.toggle("cut", text.full !== null);
    // A row that once needed room keeps it: its height must not follow its digits.
    if (text.text.length > ROOMY) this.element.classList.add("wide");
    this.showFull();
  }

  private showFull(): void {
    setAttribute(this.element, "aria-expanded", String(this.expanded));
    this.full.hidden = !this.expanded;
    if (this.expanded) setText(this.full, this.latest.full ?? this.latest.title);
  }

  private showArray(array: ArrayValue, pulse: string): void {
    if (this.array === null) {
      this.value.replaceChildren(this.spark);
      setAttribute(this.value, "data-tone", "array");
      this.element.classList.add("row-array");
      this.element.classList.remove("cut");
      setAttribute(this.element, "aria-expanded", null);
      this.full.hidden = true;
      this.expanded = false;
    }
    this.array = array;
    this.lastSeen = `last: ${array.dtype} ${formatShape(array.shape)} (pulse ${pulse})`;
    this.dirty = true;
    const [low, high] = extent(array.values);
    const range = low > high ? "no finite value" : `${shortNumber(low)} … ${shortNumber(high)}`;
    setText(this.dtype, `${array.dtype} ${formatShape(array.shape)}`);
    const few = array.values.length <= FEW ? `${[...array.values].join(", ")}; ` : "";
    setAttribute(this.value, "title", `${few}${range}; click to enlarge`);
    setAttribute(this.value, "aria-label", `curve of ${array.values.length} points, ${range}; press Enter to enlarge`);
    if (this.visible) this.drawCurve();
  }

  private drawCurve(): void {
    if (this.array === null || !this.dirty || this.element.hidden) return;
    const Plot = curvePlot(this.again, false);
    if (Plot === null) return;
    this.plot ??= new Plot(this.spark, { axes: false });
    this.plot.update(this.array.values);
    this.dirty = false;
  }

  private dropPlot(): void {
    this.plot?.destroy();
    this.plot = null;
    this.dirty = true;
  }
}

/** A long name may break behind the marks that divide it. */
function breakable(name: string): (Node | string)[] {
  return name.split(/(?<=[:._-])/).flatMap((part, index) => (index === 0 ? [part] : [el("wbr"), part]));
}

/** Lowest and highest finite value; low > high when there is none. */
function extent(values: Float64Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low && value !== -Infinity) low = value;
    if (value > high && value !== Infinity) high = value;
  }
  return [low, high];
}
