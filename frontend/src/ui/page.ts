/** Puts the parts of the page together: messages of the worker in, ten refreshes a second out. */

import type { AnalysisWish, Connection, FromWorker, Hello, News, PulseValues } from "../contract";
import { handle, type Handlers, ignored, sendersOf } from "../contract/kinds";
import { ORDERS } from "../contract/messages";
import { wantsAnalysis } from "./analysis/analysis-wish";
import { WantedAnalysis } from "./analysis/wanted-analysis";
import { checkBuild } from "./build-check";
import { ColourBar } from "../tools/levels/colour-bar";
import { ColourControls } from "../tools/levels/colour-controls";
import { ConsoleApi } from "./console-api";
import { byId, el, setAttribute } from "./dom";
import { ErrorBar } from "./errors";
import type { Extras } from "./extras";
import { keepFocus } from "./focus";
import { ImageCurve } from "./curves/image-curve";
import { Keys, listenToSkipLinks } from "./keys";
import { LatePart } from "./later";
import { LiveState } from "./status/live-state";
import { pageKeys } from "./page-keys";
import { iconButton, PictureTools } from "./picture-tools";
import { Popover } from "./popover";
import { Overlay } from "./stage/overlay";
import { PulseTable } from "./values/pulse-table";
import { Readout } from "./readout";
import { SaturationView } from "../tools/levels/saturation-view";
import { DEFAULT_SETTINGS, endsPause, type Settings, SettingsStore, tellWorker } from "./settings";
import { serverAnswers, startOrder, type WorkerLink } from "./server-link";
import { SidePanel } from "./side-panel";
import { Stage } from "./stage/stage";
import { StageCurve } from "./curves/stage-curve";
import { StageTools } from "./stage/stage-tools";
import { StatusView } from "./status/status-view";
import { rememberInUrl } from "./settings/remember";
import { parseHash } from "./settings/address";

const REFRESH_MS = 100;

export class Page {
  private readonly link: WorkerLink;
  private readonly worker = sendersOf(ORDERS, (message, transfer) => this.link.post(message, transfer));
  private readonly state = new LiveState(performance.now());
  private readonly settings = new SettingsStore(parseHash(location.hash));
  private readonly wanted = new WantedAnalysis(this.settings);
  /** what the stage itself has set; undefined: nothing yet */
  private stageFocus: Settings["focus"] | undefined;
  /** which one is on screen, as its worker counts them; null: none */
  private picture: number | null = null;
  /** what is not needed for a picture, loaded after the first one */
  private readonly late = new LatePart(
    () => import("./extras"),
    ({ Extras: Loaded }): Extras => this.makeExtras(Loaded),
    () => this.errors.add("The analysis and saving could not be loaded yet."),
  );

  private readonly errors = new ErrorBar(byId("errors"));
  private readonly popover = new Popover();
  private readonly keys = new Keys();
  private readonly readout = new Readout();
  private readonly bar = new ColourBar();
  private readonly overlay = new Overlay();
  private readonly stage = new Stage(
    {
      size: ({ width, height }) => this.worker.size({ width, height }),
      view: (view) => this.worker.view({ view }),
      pixel: (pixel) => {
        this.readout.setPixel(pixel);
        this.look.setPixel(pixel);
        this.worker.cursor({ pixel });
      },
      focus: (focus) => {
        this.stageFocus = focus;
        this.settings.set({ focus });
      },
      moved: (before, group) => this.look.moved(before, group),
    },
    this.overlay,
    this.settings.now.orientation,
  );
  private readonly stageCurve = new StageCurve(this.stage.curveHost, this.stage.canvas, (point) =>
    this.readout.setCurve(point),
  );
  private readonly colours = new ColourControls(this.bar, this.settings.now.colours, (colours) =>
    this.settings.set({ colours }),
  );
  private readonly look = new StageTools({
    stage: this.stage,
    overlay: this.overlay,
    settings: this.settings,
    keys: this.keys,
    zoomToBeam: () => this.late.use((extras) => void this.zoomToBeam(extras)),
    onAxes: (axes) => {
      this.readout.setAxes(axes);
      this.late.part?.setAxes(axes);
      this.wanted.setAxes(axes);
    },
  });
  private readonly saturation = new SaturationView(this.settings.now.saturation, (saturation) =>
    this.settings.set({ saturation }),
  );
  private readonly tools = new PictureTools(
    this.stage,
    this.settings,
    this.look.menu.element,
    () => this.togglePause(),
    () => this.late.use((extras) => void this.zoomToBeam(extras)),
  );
  private readonly panel = new SidePanel(byId("values"));
  private readonly valuesPage = el("div", { class: "panel-page" });
  private readonly table = new PulseTable(this.valuesPage);
  private readonly imageCurve = new ImageCurve({ pixels: () => this.api.pixels() });
  private readonly status = new StatusView({
    state: this.state,
    stage: this.stage,
    popover: this.popover,
    top: byId("top"),
    counters: byId("counters"),
    announcer: byId("announcer"),
    tools: el(
      "div",
      { class: "group page-tools" },
      iconButton("panel", "Table of values (t)", () => this.togglePanel()),
      iconButton("help", "Help (?)", () => this.toggleHelp()),
    ),
    wantedImage: () => this.settings.now.image,
    retry: () => this.worker.online({}),
  });
  private readonly lower: HTMLElement;
  private readonly api: ConsoleApi;
  /** What is only remembered, and shown with the next refresh, `state` receives. `stream`: the one that was shown before. */
  private readonly handlers: Handlers<News, [now: number, stream: string | null]> = {
    hello: ({ hello }, _, stream) => this.greeted(hello, stream),
    connection: ({ connection }) => this.connected(connection),
    status: ignored,
    sending: ignored,
    scalars: ignored,
    shown: ({ shown, values }) => {
      // The same picture in other colours: only the levels are others, and they are shown with the next refresh.
      const again = shown.picture === this.picture && values === null;
      this.picture = shown.picture;
      if (again) return;
      this.showPicture(values);
      this.late.part?.shown(shown, values);
      this.late.ask();
    },
    cleared: () => this.clearPicture(),
    printed: (message) => this.late.part?.printed(message),
    cursor: (message, now) => this.readout.setAnswer(message, now),
    analysis: ({ analysis }, now) => {
      if (analysis !== this.state.analysis) return;
      this.bar.setHistogram(analysis.histogram);
      this.late.part?.refresh(this.state, now);
    },
    processing: (_, now) => this.late.part?.refresh(this.state, now),
    snapshot: (message) => this.late.part?.answer(message),
    pixels: (message) => {
      this.late.part?.answer(message);
      this.api.answer(message);
    },
    profiles: (message) => this.api.answer(message),
    error: ({ text }) => this.errors.add(text),
  };

  constructor(link: WorkerLink) {
    this.link = link;
    this.api = new ConsoleApi(this.worker, () => ({
      shown: this.state.shown,
      analysis: this.state.analysis,
      processing: this.state.processing,
      values: this.table.values,
      status: this.state.status,
      connection: this.state.connection,
      hello: this.state.hello,
    }));
    this.stage.element.append(this.imageCurve.note);
    this.table.curve.onShow = () => this.imageCurve.panel.hide();
    this.imageCurve.panel.onShow = () => this.table.curve.hide();
    this.panel.add("values", "Values", this.valuesPage);
    this.lower = el(
      "div",
      { class: "toolbar toolbar-lower" },
      this.readout.element,
      this.saturation.element,
      this.colours.element,
    );
    byId("picture").append(
      this.tools.element,
      el(
        "div",
        { class: "stage-row" },
        this.look.strip.element,
        this.look.strips.left,
        this.look.strips.lower,
        this.stage.element,
        this.bar.element,
      ),
      this.table.curve.element,
      this.imageCurve.panel.element,
      this.lower,
    );
    this.stage.restore(this.settings.now.focus);
    this.listen();
  }

  /** Start the worker: the page plays without a click. */
  start(): void {
    if (typeof this.stage.canvas.transferControlToOffscreen !== "function") {
      this.state.broken =
        "This browser is too old: it has no OffscreenCanvas. Chrome, Edge, Firefox and Safari have it since 2023.";
    } else {
      const canvas = this.stage.canvas.transferControlToOffscreen();
      const settings = this.settings.now;
      this.worker.start(startOrder(canvas, this.stage.measure(), settings), [canvas]);
      tellWorker(this.worker, settings, DEFAULT_SETTINGS);
      this.wanted.follow((wish) => this.analyse(wish));
    }
    window.setInterval(() => this.refresh(), REFRESH_MS);
    this.refresh();
  }

  private listen(): void {
    this.follow();
    this.bar.onWantsHistogram = () => this.updateSeen();
    rememberInUrl(this.settings);
    this.link.onMessage((message) => this.receive(message));
    this.link.onFailure((text) => {
      if (text === null) this.state.broken = "Its worker could not be loaded.";
      else this.errors.addFault(text);
    });
    window.addEventListener("online", () => this.worker.online({}));
    keepFocus();
    listenToSkipLinks();
    document.addEventListener("visibilitychange", () => {
      const visible = document.visibilityState === "visible";
      this.worker.visible({ visible });
      this.state.forgetCadence();
      if (!visible || this.state.pausedAt !== null) return;
      // What was on screen before is of no use: the veil, then the next new picture.
      this.state.forgetPulse(performance.now());
      this.clearPicture();
      this.refresh();
    });
    this.keys.add(
      ...pageKeys({
        colours: this.colours,
        togglePause: () => this.togglePause(),
        togglePanel: () => this.togglePanel(),
        filter: () => this.filter(),
        help: () => this.toggleHelp(),
      }),
    );
    this.keys.listen();
  }

  private receive(message: FromWorker): void {
    const now = performance.now();
    const stream = this.state.hello?.stream ?? null;
    this.state.receive(message, now);
    handle(this.handlers, message, now, stream);
  }

  private greeted(hello: Hello, stream: string | null): void {
    if (stream !== null && stream !== hello.stream) {
      this.table.clear();
      this.late.part?.forget();
    }
    const outdated = checkBuild(hello.build);
    if (outdated !== null) this.errors.add(outdated);
  }

  private connected(connection: Connection): void {
    if (connection.state !== "lost" || connection.everOpen) return;
    void serverAnswers().then((answers) => {
      this.state.serverAnswers = answers;
    });
  }

  private makeExtras(Loaded: typeof Extras): Extras {
    const extras = new Loaded({
      settings: this.settings,
      stage: this.stage,
      overlay: this.overlay,
      hands: this.look.tools,
      marks: this.look.marks,
      keys: this.keys,
      panel: this.panel,
      worker: this.worker,
      axes: () => this.look.axes,
      seenChanged: () => this.updateSeen(),
      hear: (message) => this.receive(message),
      errors: this.errors,
      below: this.lower,
      beside: [this.look.strips.left, this.look.strips.lower, this.bar.element],
      addBesidePause: (element) => this.tools.addBesidePause(element),
      save: () => ({
        shown: this.state.shown,
        values: this.table.values,
        stream: this.state.hello?.stream ?? null,
        colourMap: this.settings.now.colours.colourMap,
        ratio: this.stage.placing?.ratio ?? 1,
      }),
    });
    const { shown, pictureValues } = this.state;
    if (shown !== null) extras.shown(shown, pictureValues);
    extras.refresh(this.state, performance.now());
    this.wanted.setSeen({ histogram: this.bar.wantsHistogram, regions: extras.seesRegions });
    if (wantsAnalysis(this.wanted.now)) extras.compute();
    return extras;
  }

  private toggleHelp(): void {
    this.late.use(({ help }) => help.toggle());
  }

  private clearPicture(): void {
    this.picture = null;
    this.readout.clear();
    this.stage.setImage(null);
    this.late.part?.cleared();
  }

  private togglePause(): void {
    this.setPaused(this.state.pausedAt === null);
  }

  private setPaused(paused: boolean): void {
    if (paused === (this.state.pausedAt !== null) || (paused && this.state.shown === null)) return;
    this.state.setPaused(paused, performance.now());
    this.tools.setPaused(paused);
    this.worker.pause({ paused });
    this.status.retitle();
    this.refresh();
  }

  private showPicture(values: PulseValues | null): void {
    const { shown } = this.state;
    if (shown === null) return;
    const [rows, columns] = shown.of;
    this.stage.setImage(shown.curve === null ? { width: columns, height: rows } : null);
    setAttribute(byId("picture"), "data-kind", shown.curve !== null ? "curve" : shown.colour ? "colour" : "image");
    this.look.setPicture(shown.curve === null ? shown : null, values);
    this.readout.setKind(shown.curve !== null);
    this.stageCurve.show(shown.curve, shown.channel, this.state.pictureValues);
  }

  private refresh(): void {
    const now = performance.now();
    const { state } = this;
    const hidden = document.visibilityState === "hidden";
    const veil = this.status.refresh(now, hidden);
    if (hidden) return;
    this.imageCurve.update(state.shown, state.pictureValues, this.settings.now.orientation);
    this.tools.update(state.shown, state.status, this.stage.zoom);
    this.colours.update(state.shown);
    this.saturation.update(state.shown);
    this.readout.check(state.shown, now);
    this.readout.setMeasured(this.look.marks.measured);
    this.table.refresh(state, veil?.kind !== "no-image" && veil?.kind !== "no-channel", now);
    this.late.part?.refresh(this.state, now);
    this.popover.refresh();
  }

  private filter(): void {
    this.panel.open("values");
    this.table.focusFilter();
  }

  private async zoomToBeam({ findBeam }: Extras): Promise<void> {
    const { channel } = this.state.shown ?? {};
    const region = await findBeam({
      analysis: this.state.analysis,
      pixels: () => this.api.pixels(),
      profiles: () => this.api.profiles(),
    });
    // The answer may come after another image was chosen.
    if (region !== null && this.state.shown?.channel === channel) this.stage.zoomTo(region);
  }

  private togglePanel(): void {
    document.body.classList.toggle("no-values");
    this.updateSeen();
  }

  /** What is set, the worker and the controls have to know. */
  private follow(): void {
    const { settings } = this;
    settings.listen((now, before) => {
      if (endsPause(now, before)) this.setPaused(false);
      tellWorker(this.worker, now, before);
    });
    settings.watch(["colours"], ({ colours }) => this.colours.apply(colours));
    settings.watch(["saturation"], ({ saturation }) => this.saturation.apply(saturation));
    settings.watch(["orientation", "focus"], ({ orientation, focus }, before) => {
      const own = focus === this.stageFocus;
      if (orientation !== before.orientation) this.stage.setOrientation(orientation);
      if (!own) this.stage.restore(focus);
    });
  }

  /** What somebody sees of the numbers may have changed. */
  private updateSeen(): void {
    this.wanted.setSeen({ histogram: this.bar.wantsHistogram, regions: this.late.part?.seesRegions ?? false });
  }

  /** Tell the worker what to compute of the pictures. */
  private analyse(wish: AnalysisWish): void {
    const wanted = wantsAnalysis(wish);
    this.state.setAnalysing(wanted);
    if (wanted) this.late.part?.compute();
    this.worker.analyse({ wish });
  }
}
