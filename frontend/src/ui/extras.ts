/**
 * What the page needs only after its first picture, and loads then: the analysis, what the stream says of itself, saving,
 * the pages of the side panel for them, the help, the search for the beam and the numbers in large pixels.
 */

import "../styles/analysis.css";
import "../styles/help.css";
import "../tools/stream-results/pipeline.css";
import "../tools/save/save.css";
import "../styles/view-page.css";
import type { FromWorker, PulseValues, Shown } from "../contract";
import { AnalysisLink } from "./analysis/analysis-link";
import { AnalysisView, type AnalysisParts, type AnalysisState } from "./analysis/analysis-view";
import type { ErrorBar } from "./errors";
import { Help } from "./help";
import { EdgeScales } from "./stage/edge-scale";
import type { Axes } from "./stage/measure";
import { PipelineView } from "../tools/stream-results/pipeline-view";
import { SaveMenu, type SaveSource } from "../tools/save/save";
import { PixelNumbers } from "./stage/pixel-numbers";
import { ViewPage } from "./stage/view-page";
import { findBeam } from "./stage/zoom-to-beam";

export interface ExtrasParts extends Omit<AnalysisParts, "scales"> {
  /** hears what the analysis worker says */
  hear(message: FromWorker): void;
  errors: ErrorBar;
  /** where the plot of a line cut goes: before this element */
  below: HTMLElement;
  /** axes and colour bar */
  beside: readonly HTMLElement[];
  /** takes the button for saving */
  addBesidePause(element: HTMLElement): void;
  save(): SaveSource;
}

export class Extras {
  readonly help: Help;
  readonly findBeam = findBeam;
  private readonly link: AnalysisLink;
  private readonly analysis: AnalysisView;
  private readonly pipeline: PipelineView;
  private readonly save: SaveMenu;
  private readonly view: ViewPage;
  private readonly numbers: PixelNumbers;

  constructor(parts: ExtrasParts) {
    const { settings, stage, overlay, keys, panel, worker } = parts;
    this.help = new Help(keys);
    this.link = new AnalysisLink({
      picture: worker,
      hear: (message) => parts.hear(message),
      fault: (text) => parts.errors.addFault(text),
      failing: () => parts.errors.add("The analysis could not be loaded. Reload the page for it."),
    });
    const scales = new EdgeScales();
    this.analysis = new AnalysisView({ ...parts, scales });
    parts.below.before(this.analysis.lineElement);
    this.pipeline = new PipelineView(stage.element, overlay, panel, settings, scales);
    const view = new ViewPage(settings);
    panel.add("view", "View", view.element, (visible) => view.setVisible(visible));
    view.setAxes(parts.axes());
    this.view = view;
    this.numbers = new PixelNumbers(overlay, (region) => worker.print({ region }));
    overlay.add(this.numbers);
    this.numbers.setPlacing(stage.placing);
    stage.listen((placing) => this.numbers.setPlacing(placing));
    const over = [this.analysis.notes, this.pipeline.notes];
    const around = { overlay, stage: stage.element, beside: parts.beside, over };
    this.save = new SaveMenu(worker, (use) => this.analysis.withNumbers(() => use(around)), parts.save);
    parts.addBesidePause(this.save.element);
    keys.add({
      keys: ["s"],
      group: "Page",
      text: "save the picture, its pixels or the values",
      action: () => this.save.toggle(),
    });
  }

  /** Something is to be computed of the pictures. */
  compute(): void {
    this.link.start();
  }

  /** Somebody sees the numbers of the regions. */
  get seesRegions(): boolean {
    return this.analysis.seesRegions;
  }

  /** A picture was drawn, with the values of its pulse or without. */
  shown(shown: Shown, values: PulseValues | null): void {
    this.pipeline.receive(shown, values);
  }

  /** There is no picture any more. */
  cleared(): void {
    this.pipeline.clear();
  }

  /** Another stream. */
  forget(): void {
    this.pipeline.forget();
  }

  setAxes(axes: Axes): void {
    this.view.setAxes(axes);
  }

  /** The worker computed something, or changed the pixels otherwise than before. */
  computed(state: AnalysisState, now: number): void {
    this.analysis.refresh(state, now);
  }

  /** The values of pixels that are written into them. */
  printed(message: Extract<FromWorker, { type: "printed" }>): void {
    this.numbers.answer(message);
  }

  answer(message: Extract<FromWorker, { type: "snapshot" | "pixels" }>): void {
    this.save.answer(message);
  }

  refresh(state: AnalysisState, now: number): void {
    this.pipeline.refresh();
    this.analysis.refresh(state, now);
  }
}
