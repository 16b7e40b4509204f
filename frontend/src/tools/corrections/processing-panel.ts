/** Background, threshold and average: what is done with the pixels before they are drawn and analysed. */

import type { Orders, ProcessingState, ProcessingWish } from "../../contract";
import type { Senders } from "../../contract/kinds";
import type { AnalysisModel } from "../../ui/analysis/analysis-model";
import { el, setAttribute, setText } from "../../ui/dom";
import { actionButton, Choice, NumberField, problemLine, setPressed, toggleButton } from "../../ui/analysis/fields";
import { averageText, backgroundText } from "./processing-text";
import type { SettingsStore } from "../../ui/settings";

const MOST_FRAMES = 1000;
const USUAL_FRAMES = 10;

const MODES: readonly (readonly [ProcessingWish["average"]["mode"], string])[] = [
  ["off", "off"],
  ["running", "mean of the last"],
  ["accumulate", "mean of all since its start"],
];

export class ProcessingPanel {
  private frames = USUAL_FRAMES;
  private readonly take = actionButton("Take background", "background-take", () => this.takeBackground());
  private readonly subtract = toggleButton("Subtract", "background-on", () =>
    this.change({ background: !this.settings.now.processing.background }),
  );
  private readonly forget = actionButton("Forget", "background-forget", () => this.forgetBackground());
  private readonly progress = el("progress", {
    class: "progress",
    max: 1,
    "aria-label": "Frames of the background",
    "data-testid": "background-progress",
  });
  private readonly state = el("p", { class: "panel-note", role: "status", "data-testid": "background-state" });
  private readonly problem = problemLine("processing-problem");
  private readonly count: NumberField;
  private readonly threshold: NumberField;
  private readonly mode: Choice<ProcessingWish["average"]["mode"]>;
  private readonly averageFrames: NumberField;
  private readonly restart = actionButton("Restart", "average-restart", () => this.worker["restart-average"]({}));
  private readonly averageState = el("p", { class: "panel-note", "data-testid": "average-state" });
  private readonly waiting = el("p", { class: "panel-note panel-warning", "data-testid": "processing-waiting" });
  readonly element: HTMLElement;

  private readonly model: AnalysisModel;
  private readonly settings: SettingsStore;
  private readonly worker: Senders<Orders>;

  constructor(model: AnalysisModel, settings: SettingsStore, worker: Senders<Orders>) {
    this.model = model;
    this.settings = settings;
    this.worker = worker;
    const onProblem = (text: string): void => this.problem.say(text);
    const isCount = (value: number): string | null =>
      Number.isInteger(value) && value >= 1 && value <= MOST_FRAMES
        ? null
        : `The number of frames is 1 to ${MOST_FRAMES}.`;
    this.count = new NumberField("frames", "background-frames", {
      empty: false,
      check: isCount,
      onProblem,
      onChange: (value) => {
        this.frames = value ?? USUAL_FRAMES;
      },
    });
    this.count.set(this.frames);
    this.threshold = new NumberField("set to 0 what is below", "threshold", {
      empty: true,
      check: () => null,
      onProblem,
      onChange: (threshold) => this.change({ threshold }),
    });
    this.mode = new Choice("picture", "average-mode", MODES, (mode) =>
      this.change({ average: { ...settings.now.processing.average, mode } }),
    );
    this.averageFrames = new NumberField("frames", "average-frames", {
      empty: false,
      check: isCount,
      onProblem,
      onChange: (frames) => {
        if (frames !== null) this.change({ average: { ...settings.now.processing.average, frames } });
      },
    });
    const section = (id: string, title: string, ...children: HTMLElement[]): HTMLElement =>
      el(
        "section",
        { class: "panel-section", "aria-labelledby": id },
        el("h2", { class: "panel-title", id }, title),
        ...children,
      );
    this.element = el(
      "div",
      {},
      this.waiting,
      section(
        "background-title",
        "Background",
        el("div", { class: "panel-buttons" }, this.take, this.count.element, this.subtract, this.forget),
        this.progress,
        this.state,
      ),
      section("threshold-title", "Threshold", el("div", { class: "panel-buttons" }, this.threshold.element)),
      section(
        "average-title",
        "Average",
        el("div", { class: "panel-buttons" }, this.mode.element, this.averageFrames.element, this.restart),
        this.averageState,
      ),
      this.problem.element,
    );
    settings.watch(["processing"], () => this.draw());
    this.draw();
  }

  /** The worker does something else now. */
  told({ background }: ProcessingState, before: ProcessingState): void {
    const had = ["on", "off"].includes(before.background.state);
    if (had && background.state === "dropped") this.change({ background: true });
  }

  /** What the worker says that it does. */
  update(): void {
    const { processing } = this.model;
    const { background, average, waiting } = processing;
    const taking = background.state === "taking";
    setText(this.take, taking ? "Stop" : "Take background");
    this.progress.hidden = !taking;
    this.progress.value = background.frames > 0 ? background.taken / background.frames : 0;
    const there = background.state === "on" || background.state === "off";
    setAttribute(this.subtract, "disabled", !there);
    setPressed(this.subtract, there && this.settings.now.processing.background);
    setAttribute(this.forget, "disabled", !there && background.state !== "dropped");
    setText(this.state, backgroundText(processing));
    this.state.classList.toggle("panel-warning", background.state === "dropped");
    setText(this.averageState, averageText(processing));
    this.averageState.hidden = average.mode === "off";
    setText(this.waiting, waiting === null ? "" : `Not done now: ${waiting}`);
    this.waiting.hidden = waiting === null;
  }

  private draw(): void {
    const { threshold, average } = this.settings.now.processing;
    this.update();
    this.threshold.set(threshold);
    this.mode.set(average.mode);
    this.averageFrames.set(average.frames);
    this.averageFrames.element.hidden = average.mode !== "running";
    this.restart.hidden = average.mode === "off";
  }

  private takeBackground(): void {
    const taking = this.model.processing.background.state === "taking";
    if (taking) return this.forgetBackground();
    // Who takes a background wants to see it subtracted.
    this.change({ background: true });
    this.worker.background({ frames: this.frames });
  }

  /** Without a background there is nothing to switch off: the URL holds nothing of it any more. */
  private forgetBackground(): void {
    this.change({ background: true });
    this.worker.background({ frames: 0 });
  }

  private change(change: Partial<ProcessingWish>): void {
    this.settings.set({ processing: { ...this.settings.now.processing, ...change } });
  }
}
