/** Everything of the analysis that is seen and touched, put together for the page. */

import { ToolHost } from "../../tools/host";
import type { ToolState } from "../../tools/tool";
import type { Analysis, Orders, ProcessingState, Shown } from "../../contract";
import type { Senders } from "../../contract/kinds";
import { AnalysisModel, NO_PROCESSING } from "./analysis-model";
import { AnalysisPanel } from "../../tools/projections/projection-panel";
import { el } from "../dom";
import type { ErrorBar } from "../errors";
import type { Tools } from "../stage/handling";
import type { Keys } from "../keys";
import { LagBadge } from "./lag-badge";
import { LineLayer } from "../../tools/line-cut/line-layer";
import { LinePanel } from "../../tools/line-cut/line-panel";
import type { EdgeScales } from "../stage/edge-scale";
import type { Overlay } from "../stage/overlay";
import { ProcessingBadge } from "../../tools/corrections/processing-badge";
import { ProcessingPanel } from "../../tools/corrections/processing-panel";
import { ProjectionLayer } from "../../tools/projections/projection-layer";
import type { Axes } from "../stage/measure";
import { ResultBox } from "../../tools/projections/result-box";
import type { Box } from "../stage/shape-edit";
import { visiblePart } from "../stage/shape-handles";
import { RoiLayer } from "../../tools/regions/roi-layer";
import { RoiList } from "../../tools/regions/roi-list";
import { withoutRois } from "../../tools/regions/roi-set";
import type { SettingsStore } from "../settings";
import type { SidePanel } from "../side-panel";
import type { Stage } from "../stage/stage";
import type { ToolStrip } from "../stage/tool-strip";

/** Numbers that change faster cannot be read. */
const TEXT_MS = 120;

export interface AnalysisParts {
  settings: SettingsStore;
  stage: Stage;
  overlay: Overlay;
  tools: Tools;
  strip: ToolStrip;
  keys: Keys;
  panel: SidePanel;
  /** shared with the stream's own curves */
  scales: EdgeScales;
  worker: Senders<Orders>;
  /** axes of the image on screen */
  axes(): Axes;
  /** the page with the regions' numbers was opened or closed */
  seenChanged(): void;
  errors: Pick<ErrorBar, "add">;
}

/** What the page knows that is shown here. */
export interface AnalysisState {
  analysis: Analysis | null;
  processing: ProcessingState | null;
  shown: Shown | null;
}

export class AnalysisView {
  private readonly model = new AnalysisModel();
  private readonly badge = new ProcessingBadge();
  private readonly lag = new LagBadge();
  private readonly box = new ResultBox();
  private readonly tools: ToolHost;
  /** What lies on the picture: signs, and the numbers of profiles and tools. */
  readonly notes: HTMLElement;
  private readonly line: LinePanel;
  private readonly projections: AnalysisPanel;
  private readonly rois: RoiList;
  private readonly processing: ProcessingPanel;
  private readonly parts: AnalysisParts;
  private drawn: Analysis | null = null;
  /** the analysis that the texts tell, and when they last told another one */
  private told: Analysis | null = null;
  private toldAt = -Infinity;

  constructor(parts: AnalysisParts) {
    this.parts = parts;
    const { settings, stage, overlay, tools, keys, panel, worker } = parts;
    const { model } = this;
    const redraw = (): void => overlay.invalidate();
    this.tools = new ToolHost({
      settings,
      keys,
      strip: parts.strip,
      overlay,
      opened: () => this.showTools(),
      failing: (text) => parts.errors.add(text),
    });
    this.notes = el(
      "div",
      { class: "stage-notes" },
      this.badge.element,
      this.lag.element,
      this.box.element,
      this.tools.notes,
    );
    const lineLayer = new LineLayer(settings, tools, overlay);
    const roiLayer = new RoiLayer(settings, tools, overlay, () => panel.open("analysis"));
    overlay.add(new ProjectionLayer(model, settings, parts.scales));
    overlay.add(roiLayer);
    overlay.add(lineLayer);
    stage.addHandler(roiLayer);
    stage.addHandler(lineLayer);
    stage.element.append(this.notes);
    const seen = (): Box | null => (stage.placing === null ? null : visiblePart(stage.placing));
    this.line = new LinePanel(model, settings, seen, (distance) => lineLayer.setMark(distance));
    this.projections = new AnalysisPanel(model, settings, redraw);
    this.rois = new RoiList(model, settings, seen);
    this.processing = new ProcessingPanel(model, settings, worker);
    const page = (...sections: HTMLElement[]): HTMLElement =>
      el("div", { class: "panel-page" }, el("div", { class: "panel-scroll" }, ...sections));
    // What was hidden is up to date in the moment when it is seen.
    panel.add(
      "analysis",
      "Analysis",
      page(this.projections.element, this.tools.cards, this.line.section, this.rois.element),
      (visible) => {
        if (visible) this.updateAnalysis();
        this.updateBox();
        parts.seenChanged();
      },
    );
    panel.add("correct", "Correct", page(this.processing.element), (visible) => {
      if (visible) this.processing.update();
    });
    keys.add({
      keys: ["Delete"],
      group: "Analysis",
      text: "delete the chosen region",
      onPicture: true,
      action: () => {
        const { roi } = settings.now;
        if (roi === null) return false;
        settings.set(withoutRois(settings.now, [roi]));
        return true;
      },
    });
    settings.watch(["projections"], redraw);
    settings.watch(["orientation"], () => this.updateTools(!this.isOpen("analysis")));
  }

  /** Lets something look at the notes with the numbers in them, also while the panel shows these. */
  withNumbers<T>(look: () => T): T {
    this.box.update(this.model, this.parts.settings.now.projections.on);
    this.updateTools(true);
    try {
      return look();
    } finally {
      this.updateBox();
    }
  }

  /** Somebody sees the numbers of the regions. */
  get seesRegions(): boolean {
    return this.isOpen("analysis");
  }

  /** The plot of the line cut, below the picture. */
  get lineElement(): HTMLElement {
    return this.line.element;
  }

  /** A new analysis is drawn with the next animation frame. */
  private draw({ analysis }: AnalysisState): void {
    this.model.analysis = analysis;
    this.model.axes = this.parts.axes();
    if (analysis === this.drawn) return;
    const before = this.drawn;
    this.drawn = analysis;
    // Of what is computed, only the profiles and what tools draw lie over the picture.
    if (analysis?.projections || before?.projections) this.parts.overlay.invalidate();
    this.tools.draw(this.toolState);
  }

  /** Show what was computed: called when it comes, and now and then. Texts change only as often as they can be read. */
  refresh(state: AnalysisState, now: number): void {
    this.draw(state);
    const { model } = this;
    if (state.processing !== null && state.processing !== model.processing) this.processing.told(state.processing);
    model.processing = state.processing ?? NO_PROCESSING;
    const { shown } = state;
    const [height, width] = shown?.of ?? [0, 0];
    model.image = shown === null || shown.curve !== null ? null : { width, height };
    this.badge.update(model.processing, shown !== null);
    this.lag.update(shown, state.analysis);
    if (state.analysis !== this.told) {
      if (now - this.toldAt < TEXT_MS) return;
      this.told = state.analysis;
      this.toldAt = now;
    }
    this.updateBox();
    this.line.update();
    if (this.isOpen("analysis")) this.updateAnalysis();
    if (this.isOpen("correct")) this.processing.update();
  }

  /** Whether a page of the panel is seen. */
  private isOpen(name: string): boolean {
    return !document.body.classList.contains("no-values") && this.parts.panel.isOpen(name);
  }

  private updateBox(): void {
    const beside = !this.isOpen("analysis");
    this.box.update(this.model, this.parts.settings.now.projections.on && beside);
    this.updateTools(beside);
  }

  private get toolState(): ToolState {
    return { analysis: this.model.analysis, orientation: this.parts.settings.now.orientation };
  }

  private updateTools(beside: boolean): void {
    this.tools.update(this.toolState, beside);
  }

  /** A tool was opened, or switched on or off. */
  private showTools(): void {
    this.tools.draw(this.toolState);
    this.updateTools(!this.isOpen("analysis"));
  }

  private updateAnalysis(): void {
    this.projections.update();
    this.rois.update();
  }
}
