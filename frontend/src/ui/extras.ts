/**
 * What the page needs only after its first picture, and loads then: the views of the tools, the analysis worker, the page
 * of the panel for the view, the help, the search for the beam and the numbers in large pixels.
 */

import "../styles/analysis.css";
import "../styles/help.css";
import "../styles/view-page.css";
import type { FromWorker, News, PulseValues, Shown } from "../contract";
import type { Message } from "../contract/kinds";
import { type PageState, ToolHost, type ToolHostParts } from "../tools/host";
import { AnalysisLink } from "./analysis/analysis-link";
import type { ErrorBar } from "./errors";
import { Help } from "./help";
import { EdgeScales } from "./stage/edge-scale";
import type { Axes } from "./stage/measure";
import { PixelNumbers } from "./stage/pixel-numbers";
import { ViewPage } from "./stage/view-page";
import { findBeam } from "./stage/zoom-to-beam";

export interface ExtrasParts extends Omit<ToolHostParts, "scales" | "failing"> {
  /** hears what the analysis worker says */
  hear(message: FromWorker): void;
  errors: ErrorBar;
}

export class Extras {
  readonly help: Help;
  readonly findBeam = findBeam;
  readonly tools: ToolHost;
  private readonly link: AnalysisLink;
  private readonly view: ViewPage;
  private readonly numbers: PixelNumbers;

  constructor(parts: ExtrasParts) {
    const { settings, stage, overlay, keys, panel, worker, errors } = parts;
    this.help = new Help(keys);
    this.link = new AnalysisLink({
      picture: worker,
      hear: (message) => parts.hear(message),
      fault: (text) => errors.addFault(text),
      failing: () => errors.add("The analysis could not be loaded. Reload the page for it."),
    });
    this.tools = new ToolHost({ ...parts, scales: new EdgeScales(), failing: (text) => errors.add(text) });
    this.view = new ViewPage(settings);
    panel.add("view", "View", this.view.element, (visible) => this.view.setVisible(visible));
    this.view.setAxes(parts.axes());
    this.numbers = new PixelNumbers(overlay, (region) => worker.print({ region }));
    overlay.add(this.numbers);
    this.numbers.setPlacing(stage.placing);
    stage.listen((placing) => this.numbers.setPlacing(placing));
  }

  /** Something is to be computed of the pictures. */
  compute(): void {
    this.link.start();
  }

  /** Somebody sees the numbers of the regions. */
  get seesRegions(): boolean {
    return this.tools.seesRegions;
  }

  /** A picture was drawn, with the values of its pulse or without. */
  shown(shown: Shown, values: PulseValues | null): void {
    this.tools.shown(shown, values);
  }

  /** There is no picture any more. */
  cleared(): void {
    this.tools.cleared();
  }

  /** Another stream. */
  forget(): void {
    this.tools.forget();
  }

  setAxes(axes: Axes): void {
    this.view.setAxes(axes);
  }

  /** The values of pixels that are written into them. */
  printed(message: Message<News, "printed">): void {
    this.numbers.answer(message);
  }

  answer(message: Message<News, "snapshot" | "pixels">): void {
    this.tools.answer(message);
  }

  /** Ten times a second, and when a worker computed something or changed the pixels otherwise than before. */
  refresh(state: PageState, now: number): void {
    this.tools.refresh(state, now);
  }
}
