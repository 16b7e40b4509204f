/** A channel's curve, enlarged below the picture, with axes, cursor and value. */

import type { ArrayValue } from "../contract";
import { CurvePlot } from "./curve-plot";
import { el, setText } from "./dom";
import { exactNumber, formatShape } from "./format";
import { icon } from "./icons";

export class CurvePanel {
  private readonly name = el("h2", { class: "curve-name", "data-testid": "curve-name" });
  private readonly about = el("span", { class: "curve-about" });
  private readonly value = el("span", { class: "curve-value", "data-testid": "curve-value" });
  private readonly close = el(
    "button",
    { type: "button", class: "button button-icon", "aria-label": "Close the curve" },
    icon("close"),
  );
  private readonly host = el("div", {
    class: "curve-host",
    tabindex: 0,
    role: "group",
    "aria-label": "Curve; left and right arrow move the cursor",
  });
  readonly element = el(
    "section",
    { class: "curve-panel", id: "curve-panel", "aria-label": "Enlarged curve", hidden: true },
    el("div", { class: "curve-head" }, this.name, this.about, this.value, this.close),
    this.host,
  );
  private plot: CurvePlot | null = null;
  private channel: string | null = null;
  private array: ArrayValue | null = null;
  private opener: Element | null = null;

  constructor() {
    this.close.addEventListener("click", () => this.hide());
    this.host.addEventListener("keydown", (event) => curveKey(event, this.plot));
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.hide();
    });
  }

  /** Name of the channel that is shown, or null. */
  get shows(): string | null {
    return this.channel;
  }

  show(channel: string, array: ArrayValue | null): void {
    this.opener = document.activeElement;
    if (this.channel !== channel) this.dropPlot();
    this.channel = channel;
    this.element.hidden = false;
    setText(this.name, channel);
    this.update(array, null);
    this.host.focus({ preventScroll: true });
  }

  hide(): void {
    this.dropPlot();
    this.channel = null;
    this.element.hidden = true;
    if (this.opener instanceof HTMLElement) this.opener.focus();
  }

  /** The channel's array of the pulse in the table; null: the pulse has none. */
  update(array: ArrayValue | null, pulse: bigint | null): void {
    if (this.channel === null) return;
    this.array = array;
    const which = pulse === null ? "" : `, pulse ${pulse}`;
    setText(
      this.about,
      array === null ? `no curve in this pulse${which}` : `${array.dtype} ${formatShape(array.shape)}${which}`,
    );
    this.element.classList.toggle("empty", array === null);
    if (array === null) return;
    this.plot ??= new CurvePlot(this.host, { axes: true, onCursor: (index) => this.showValue(index) });
    this.plot.update(array.values);
  }

  private showValue(index: number | null): void {
    const value = index === null ? undefined : this.array?.values[index];
    setText(
      this.value,
      index === null || value === undefined || this.array === null
        ? ""
        : `[${index}]  ${curveValue(value, this.array)}`,
    );
  }

  private dropPlot(): void {
    this.plot?.destroy();
    this.plot = null;
    setText(this.value, "");
  }
}

/** All digits of one point; curves hold float64, so 64-bit integers beyond 2^53 are marked as rounded. */
export function curveValue(value: number, array: ArrayValue): string {
  const wide = (array.dtype === "int64" || array.dtype === "uint64") && Math.abs(value) > Number.MAX_SAFE_INTEGER;
  return `${wide ? "≈ " : ""}${exactNumber(value, array.dtype)}`;
}

/** Left and right arrow move a curve's cursor, with Shift by ten points. */
export function curveKey(event: KeyboardEvent, plot: CurvePlot | null): void {
  if (plot === null || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
  event.preventDefault();
  event.stopPropagation();
  plot.moveCursor((event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 10 : 1));
}
