/** The values along a line, plotted below the picture, with the line's numbers. */

import type { AnalysisModel } from "../../ui/analysis/analysis-model";
import type { CurvePlot } from "../../ui/curves/curve-plot";
import { el, setText } from "../../ui/dom";
import { NumberField, problemLine, setPressed, toggleButton } from "../../ui/analysis/fields";
import { compactNumber, shortNumber } from "../../ui/format";
import { icon } from "../../ui/icons";
import { lineScale } from "./line-scale";
import { type Box, inTheMiddle } from "../../ui/stage/shape-edit";
import type { SettingsStore } from "../../ui/settings";
import type { LineSettings } from "./settings";
import { curvePlot, plotKey } from "../../ui/curves/plots";

const LARGEST_WIDTH = 99;
const ENDS = ["x0", "y0", "x1", "y1"] as const;

export class LinePanel {
  private readonly problem = problemLine("line-problem");
  private readonly about = el("span", { class: "panel-label", "data-testid": "line-about" });
  private readonly value = el("span", { class: "line-value", "data-testid": "line-value" });
  private readonly fields: Record<(typeof ENDS)[number], NumberField>;
  private readonly width: NumberField;
  private readonly close = el(
    "button",
    { type: "button", class: "button button-icon", "aria-label": "Close the line cut", "data-testid": "line-close" },
    icon("close"),
  );
  private readonly host = el("div", {
    class: "curve-host",
    tabindex: 0,
    role: "group",
    "aria-label": "Values along the line; left and right arrow move the cursor",
    "data-testid": "line-plot",
  });
  readonly element: HTMLElement;
  private readonly toggle = toggleButton("Line cut", "line-toggle", () => this.toggleLine());
  /** for the panel beside the picture */
  readonly section = el(
    "section",
    { class: "panel-section panel-buttons", "aria-label": "Line cut" },
    this.toggle,
    el("span", { class: "panel-note" }, "Values along a line, below the picture."),
  );

  private readonly model: AnalysisModel;
  private readonly settings: SettingsStore;
  private readonly onMark: (distance: number | null) => void;
  private readonly seen: () => Box | null;
  private plot: CurvePlot | null = null;
  private readonly again = (): void => this.update();
  private index: number | null = null;

  /**
   * `seen`: the part of the image that is looked at; null: there is no picture. `onMark`: the cursor of the plot is at
   * this distance from the start of the line, in pixels.
   */
  constructor(
    model: AnalysisModel,
    settings: SettingsStore,
    seen: () => Box | null,
    onMark: (distance: number | null) => void,
  ) {
    this.seen = seen;
    this.model = model;
    this.settings = settings;
    this.onMark = onMark;
    const field = (key: keyof LineSettings, label: string, check: (value: number) => string | null): NumberField =>
      new NumberField(label, `line-${key}`, {
        empty: false,
        check,
        onChange: (value) => {
          const { line } = settings.now;
          if (line !== null && value !== null) settings.set({ line: { ...line, [key]: value } });
        },
        onProblem: (text) => this.problem.say(text),
      });
    const end = (key: (typeof ENDS)[number]): NumberField =>
      field(key, key, (value) => {
        const { image } = model;
        const last = key.startsWith("x") ? image?.width : image?.height;
        return last === undefined || (value >= -0.5 && value <= last - 0.5) ? null : `${key} is 0 to ${last - 1}.`;
      });
    this.fields = { x0: end("x0"), y0: end("y0"), x1: end("x1"), y1: end("y1") };
    this.width = field("width", "mean over", (value) =>
      Number.isInteger(value) && value >= 1 && value <= LARGEST_WIDTH
        ? null
        : `The width is 1 to ${LARGEST_WIDTH} pixels.`,
    );
    this.element = el(
      "section",
      { class: "curve-panel line-panel", "aria-label": "Line cut", "data-testid": "line-panel", hidden: true },
      el(
        "div",
        { class: "curve-head line-head" },
        el("h2", { class: "curve-name" }, "Line cut"),
        el(
          "div",
          { class: "line-ends", role: "group", "aria-label": "Set in pixels" },
          el("span", { class: "panel-label" }, "Set in pixels:"),
          ...ENDS.map((key) => this.fields[key].element),
          this.width.element,
        ),
        this.problem.element,
        this.close,
      ),
      el("div", { class: "line-numbers" }, this.about, this.value),
      this.host,
    );
    this.close.addEventListener("click", () => settings.set({ line: null }));
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !(event.target instanceof HTMLInputElement)) settings.set({ line: null });
    });
    this.host.addEventListener("keydown", (event) => plotKey(event, this.plot));
    settings.watch(["line"], ({ line }) => this.lineChanged(line));
    this.lineChanged(settings.now.line);
  }

  /** The values of the last analysis. */
  update(): void {
    const { line } = this.settings.now;
    if (line === null) return;
    const values = this.model.analysis?.line ?? null;
    const scale = lineScale(line, this.model.axes);
    const length = scale.at(Math.hypot(line.x1 - line.x0, line.y1 - line.y0));
    const missing =
      values === null
        ? `, ${this.model.analysis?.missing ?? "nothing was computed yet"}`
        : values.values.every(Number.isNaN)
          ? ", its pixels were not sent"
          : "";
    setText(this.about, `length ${compactNumber(Number(length.toPrecision(5)))} ${scale.unit}${missing}`);
    this.element.classList.toggle("empty", values === null);
    if (values === null) return;
    const Plot = curvePlot(this.again, true);
    if (Plot === null) return;
    this.plot ??= new Plot(this.host, { axes: true, onCursor: (index) => this.cursor(index) });
    const distance = values.distance.map((pixels) => scale.at(pixels));
    this.plot.update(values.values, { values: distance, descending: false, label: `distance (${scale.unit})` });
    this.showValue();
  }

  private toggleLine(): void {
    const { image } = this.model;
    const seen = this.seen();
    if (this.settings.now.line !== null) this.settings.set({ line: null });
    else if (image !== null && seen !== null) {
      const shape = inTheMiddle("line", seen, image);
      if (shape.kind !== "line") return;
      const { x0, y0, x1, y1 } = shape;
      this.settings.set({ line: { x0, y0, x1, y1, width: 1 } });
    }
  }

  private lineChanged(line: LineSettings | null): void {
    setPressed(this.toggle, line !== null);
    const closed = line === null && !this.element.hidden;
    this.element.hidden = line === null;
    if (line !== null) {
      for (const key of ENDS) this.fields[key].set(line[key]);
      this.width.set(line.width);
      this.update();
    }
    if (!closed) return;
    this.plot?.destroy();
    this.plot = null;
    this.cursor(null);
  }

  private cursor(index: number | null): void {
    this.index = index;
    this.onMark(index === null ? null : (this.model.analysis?.line?.distance[index] ?? null));
    this.showValue();
  }

  private showValue(): void {
    const { line } = this.settings.now;
    const values = this.model.analysis?.line ?? null;
    const value = this.index === null ? undefined : values?.values[this.index];
    const distance = this.index === null ? undefined : values?.distance[this.index];
    if (line === null || value === undefined || distance === undefined) return setText(this.value, "");
    const { at, unit } = lineScale(line, this.model.axes);
    const exact = this.index === null ? undefined : values?.exact?.[this.index];
    const about = values?.rounded === true ? "≈ " : "";
    const text = Number.isNaN(value) ? "not sent" : exact != null ? String(exact) : `${about}${shortNumber(value)}`;
    setText(this.value, `${compactNumber(Number(at(distance).toPrecision(6)))} ${unit}  ${text}`);
  }
}
