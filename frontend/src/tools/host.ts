/** Opens the tools of the list, and hands them what is known of the pictures. */

import type { Analysis, News, ProcessingState, PulseValues, Shown } from "../contract";
import type { Message } from "../contract/kinds";
import { AnalysisModel, NO_PROCESSING } from "../ui/analysis/analysis-model";
import { LagBadge } from "../ui/analysis/lag-badge";
import { el } from "../ui/dom";
import { TOOLS } from "./index";
import type { Around } from "./save/save-picture";
import type { OpenTool, ToolPage, ToolParts } from "./tool";
import { type LateView, VIEWS } from "./views";

/** Loading is tried again after this time: the server may be away for a moment. */
const AGAIN_MS = 2000;
/** So often in a row may it fail before it is said. */
const PATIENCE = 5;
/** Numbers that change faster cannot be read. */
const TEXT_MS = 120;
const PAGES: readonly [page: ToolPage, title: string][] = [
  ["analysis", "Analysis"],
  ["correct", "Correct"],
];

export interface ToolHostParts extends Omit<ToolParts, "model" | "withAround"> {
  /** what is below the picture stands before this */
  below: HTMLElement;
  /** axes and colour bar: what is saved with a picture besides what lies on it */
  beside: readonly HTMLElement[];
  /** the page with the regions' numbers was opened or closed */
  seenChanged(): void;
  failing(text: string): void;
}

/** What the page knows that tools show. */
export interface PageState {
  analysis: Analysis | null;
  processing: ProcessingState | null;
  shown: Shown | null;
}

export class ToolHost {
  private readonly parts: ToolHostParts;
  private readonly given: ToolParts;
  private readonly model = new AnalysisModel();
  private readonly lag = new LagBadge();
  /** signs, and the essentials of what the tools found */
  private readonly notes = el("div", { class: "stage-notes" }, this.lag.element);
  private readonly pages = new Map<ToolPage, HTMLElement>();
  /** at the places of the list; null: it is not loaded */
  private readonly open: (OpenTool | null)[] = VIEWS.map(() => null);
  private readonly loading = new Set<LateView>();
  /** the analysis that the texts tell, and when they last told another one */
  private told: Analysis | null = null;
  private toldAt = -Infinity;

  constructor(parts: ToolHostParts) {
    this.parts = parts;
    this.given = { ...parts, model: this.model, withAround: (use) => this.withAround(use) };
    parts.stage.element.append(this.notes);
    for (const [name, title] of PAGES) {
      const scroll = el("div", { class: "panel-scroll" });
      this.pages.set(name, scroll);
      // What was hidden is up to date in the moment when it is seen.
      parts.panel.add(name, title, el("div", { class: "panel-page" }, scroll), () => this.pageSeen(name));
    }
    VIEWS.forEach((view, at) => {
      if (typeof view === "function") this.add(at, view(this.given));
      else parts.settings.watch([view.name], () => this.switched(view, at));
    });
    parts.settings.watch(["orientation"], () => this.each((tool) => this.update(tool)));
    this.switchAll();
  }

  /** Somebody sees the numbers of the regions. */
  get seesRegions(): boolean {
    return this.isSeen("analysis");
  }

  /** Shows what was computed: called when it comes, and now and then. Texts change only as often as they can be read. */
  refresh(state: PageState, now: number): void {
    const { model } = this;
    const before = model.analysis;
    model.analysis = state.analysis;
    model.axes = this.parts.axes();
    model.processing = state.processing ?? NO_PROCESSING;
    model.shown = state.shown;
    const [height, width] = state.shown?.of ?? [0, 0];
    model.image = state.shown === null || state.shown.curve !== null ? null : { width, height };
    if (state.analysis !== before) this.each((tool) => tool.draw?.(before));
    this.each((tool) => tool.refresh?.());
    this.lag.update(state.shown, state.analysis);
    if (state.analysis !== this.told) {
      if (now - this.toldAt < TEXT_MS) return;
      this.told = state.analysis;
      this.toldAt = now;
    }
    this.each((tool) => this.update(tool));
  }

  shown(shown: Shown, values: PulseValues | null): void {
    this.each((tool) => tool.shown?.(shown, values));
  }

  cleared(): void {
    this.each((tool) => tool.cleared?.());
  }

  forget(): void {
    this.each((tool) => tool.forget?.());
  }

  answer(message: Message<News, "snapshot" | "pixels">): void {
    this.each((tool) => tool.answer?.(message));
  }

  private each(tell: (tool: OpenTool) => void): void {
    for (const tool of this.open) if (tool !== null) tell(tool);
  }

  private update(tool: OpenTool): void {
    tool.update?.(!this.isSeen(tool.card?.page ?? "analysis"));
  }

  /** Whether a page of the panel is seen. */
  private isSeen(page: ToolPage): boolean {
    return !document.body.classList.contains("no-values") && this.parts.panel.isOpen(page);
  }

  private pageSeen(name: ToolPage): void {
    this.each((tool) => tool.card?.page === name && this.update(tool));
    if (name === "analysis") this.parts.seenChanged();
  }

  /** The notes are told also while the panel shows the numbers. */
  private withAround<T>(use: (around: Around) => T): T {
    const { overlay, stage, beside } = this.parts;
    const over = [this.notes, ...this.open.flatMap((tool) => tool?.over ?? [])];
    this.each((tool) => tool.note !== undefined && tool.update?.(true));
    try {
      return use({ overlay, stage: stage.element, beside, over });
    } finally {
      this.each((tool) => this.update(tool));
    }
  }

  private switchAll(): void {
    VIEWS.forEach((view, at) => {
      if (typeof view !== "function" && this.parts.settings.now[view.name]) this.load(view, at, 1);
    });
  }

  private switched(view: LateView, at: number): void {
    const tool = this.open[at] ?? null;
    if (tool !== null) this.update(tool);
    else if (this.parts.settings.now[view.name]) this.load(view, at, 1);
  }

  private load(view: LateView, at: number, attempt: number): void {
    if (attempt === 1 && this.loading.has(view)) return;
    this.loading.add(view);
    view.load().then(
      (open) => this.add(at, open(this.given)),
      () => {
        if (attempt === PATIENCE) this.parts.failing(`${labelOf(view)} could not be loaded yet.`);
        window.setTimeout(() => this.load(view, at, attempt + 1), AGAIN_MS);
      },
    );
  }

  private add(at: number, tool: OpenTool): void {
    this.open[at] = tool;
    const { card, over, below } = tool;
    this.place(this.notes, this.lag.element, ({ sign }) => sign);
    this.place(this.notes, null, ({ note }) => note);
    if (over !== undefined) this.parts.stage.element.append(over);
    if (below !== undefined) this.parts.below.before(below);
    const page = card === undefined ? undefined : this.pages.get(card.page);
    if (page !== undefined)
      this.place(page, null, (one) => (one.card?.page === card?.page ? one.card?.element : undefined));
    tool.draw?.(null);
    this.update(tool);
  }

  /** Puts what is new before `next` in the order of the list, and leaves the others where they are: one may have the focus. */
  private place(host: HTMLElement, next: Node | null, elementOf: (tool: OpenTool) => HTMLElement | undefined): void {
    let before = next;
    for (const tool of this.open.toReversed()) {
      const element = tool === null ? undefined : elementOf(tool);
      if (element === undefined) continue;
      if (element.parentNode !== host) host.insertBefore(element, before);
      before = element;
    }
  }
}

function labelOf({ name }: LateView): string {
  return TOOLS.flatMap(({ buttons }) => buttons).find((button) => button.name === name)?.label ?? name;
}
