/** Puts the parts of the page together: messages of the worker in, ten refreshes a second out. */

import type { FromWorker, ToWorker } from "../contract";
import { PIXEL_AXES, wantsAnalysis, wishOf } from "./analysis-wish";
import { Announcer, documentTitle, pictureLabel } from "./announcer";
import { checkBuild } from "./build-check";
import { ColourBar } from "./colour-bar";
import { ColourControls } from "./colour-controls";
import { ConsoleApi } from "./console-api";
import { byId, el, setAttribute, setText } from "./dom";
import { ErrorBar } from "./errors";
import { formatBytes, formatDuration } from "./format";
import { Help } from "./help";
import { listenToKeys, listenToSkipLinks } from "./keys";
import { LiveState } from "./live-state";
import { iconButton, PictureTools } from "./picture-tools";
import { PauseBadge } from "./pause-badge";
import { Popover } from "./popover";
import { Overlay } from "./overlay";
import { PulseTable } from "./pulse-table";
import { Readout } from "./readout";
import { type Settings, SettingsStore } from "./settings";
import { serverAnswers, startMessage, type WorkerLink } from "./server-link";
import { SidePanel } from "./side-panel";
import { Stage } from "./stage";
import { StageCurve } from "./stage-curve";
import { statusFields } from "./status-text";
import { StatusStrip } from "./status-strip";
import { rememberInUrl } from "./url-memory";
import { parseHash } from "./url-state";
import { VeilCard } from "./veil";
import { veilState, type Veil } from "./veil-state";

const REFRESH_MS = 100;
const TITLE_MS = 900;
/** The settings that decide what is computed. */
const ANALYSED = ["projections", "rois", "roi", "line"] as const;

export class Page {
  private readonly link: WorkerLink;
  private readonly state = new LiveState(performance.now());
  private readonly settings = new SettingsStore(parseHash(location.hash));
  private veil: Veil | null = null;
  private titleAt = 0;

  private readonly errors = new ErrorBar(byId("errors"));
  private readonly popover = new Popover();
  private readonly help = new Help();
  private readonly announcer = new Announcer(byId("announcer"));
  private readonly readout = new Readout();
  private readonly bar = new ColourBar();
  private readonly chip = el("p", { class: "chip", "data-testid": "receiving", hidden: true });
  private readonly badge = new PauseBadge();
  private readonly overlay = new Overlay();
  private readonly stage = new Stage(
    {
    size: ({ width, height }) => this.link.post({ type: "size", width, height }),
    view: (view) => this.link.post({ type: "view", view }),
    pixel: (pixel) => {
      this.readout.setPixel(pixel);
      this.link.post({ type: "cursor", pixel });
    },
    focus: (focus) => this.settings.set({ focus }),
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
  private readonly tools = new PictureTools(
    this.stage,
    (want) => this.ask(want),
    () => this.setPaused(this.state.pausedAt === null),
  );
  private readonly veilCard = new VeilCard(this.stage.element, () => this.link.post({ type: "online" }));
  private readonly panel = new SidePanel(byId("values"));
  private readonly valuesPage = el("div", { class: "panel-page" });
  private readonly table = new PulseTable(this.valuesPage);
  private readonly strip = new StatusStrip(
    byId("top"),
    byId("counters"),
    this.popover,
    el(
      "div",
      { class: "group page-tools" },
      iconButton("panel", "Table of values (t)", () => this.togglePanel()),
      iconButton("help", "Help (?)", () => this.help.toggle()),
    ),
  );
  private readonly api: ConsoleApi;

  constructor(link: WorkerLink) {
    this.link = link;
    this.api = new ConsoleApi(
      (message) => link.post(message),
      () => ({
        shown: this.state.shown,
        analysis: this.state.analysis,
        processing: this.state.processing,
        values: this.table.values,
        status: this.state.status,
        connection: this.state.connection,
        hello: this.state.hello,
      }),
    );
    this.stage.element.append(this.chip, this.badge.element);
    byId("picture").append(
      this.tools.element,
      el("div", { class: "stage-row" }, this.stage.element, this.bar.element),
      this.table.curveElement,
      el("div", { class: "toolbar toolbar-lower" }, this.readout.element, this.colours.element),
    );
    const { image, focus, format } = this.settings.now;
    this.state.wantedImage = image;
    this.tools.setWanted(image);
    this.tools.setFormat(format);
    this.stage.restore(focus);
    this.panel.add("values", "Values", this.valuesPage);
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
      this.link.post(startMessage(canvas, this.stage.measure(), settings), [canvas]);
      if (settings.image !== null) this.link.post({ type: "want", image: settings.image });
      this.link.post({ type: "process", wish: settings.processing });
      this.analyse(settings);
    }
    window.setInterval(() => this.refresh(), REFRESH_MS);
    this.refresh();
  }

  private listen(): void {
    this.settings.listen((now, before) => this.settingsChanged(now, before));
    rememberInUrl(this.settings, (next) => this.applyUrl(next));
    this.link.onMessage((message) => this.receive(message));
    this.link.onFailure((text) => {
      if (text === null) this.state.broken = "Its worker could not be loaded.";
      else this.errors.addFault(text);
    });
    window.addEventListener("online", () => this.link.post({ type: "online" }));
    listenToSkipLinks();
    document.addEventListener("visibilitychange", () => {
      const visible = document.visibilityState === "visible";
      this.link.post({ type: "visible", visible });
      this.state.forgetCadence();
      if (!visible || this.state.pausedAt !== null) return;
      // What was on screen before is of no use: the veil, then the next new picture.
      this.state.forgetPulse(performance.now());
      this.clearPicture();
      this.refresh();
    });
    listenToKeys({
      zoomIn: () => this.stage.zoomBy(1.5),
      zoomOut: () => this.stage.zoomBy(1 / 1.5),
      fit: () => this.stage.fit(),
      oneToOne: () => this.stage.oneToOne(),
      pan: (x, y) => this.stage.panBy(x, y),
      movePixel: (rows, columns) => this.stage.movePixel(rows, columns),
      togglePixel: () => this.stage.togglePixel(),
      pause: () => this.setPaused(this.state.pausedAt === null),
      auto: () => this.colours.toggleAuto(),
      fix: () => this.colours.fix(),
      togglePanel: () => this.togglePanel(),
      filter: () => this.table.focusFilter(),
      help: () => this.help.toggle(),
    });
  }

  private receive(message: FromWorker): void {
    const now = performance.now();
    const stream = this.state.hello?.stream ?? null;
    this.state.receive(message, now);
    switch (message.type) {
      case "hello": {
        if (stream !== null && stream !== message.hello.stream) this.table.clear();
        const outdated = checkBuild(message.hello.build);
        if (outdated !== null) this.errors.add(outdated);
        break;
      }
      case "connection":
        if (message.connection.state === "lost" && !message.connection.everOpen) {
          void serverAnswers().then((answers) => {
            this.state.serverAnswers = answers;
          });
        }
        break;
      case "shown":
        this.showPicture();
        break;
      case "cleared":
        this.clearPicture();
        break;
      case "cursor":
        this.readout.setAnswer(message, now);
        break;
      case "pixels":
      case "profiles":
        this.api.answer(message);
        break;
      case "error":
        this.errors.add(message.text);
        break;
      default:
        break;
    }
  }

  private clearPicture(): void {
    this.readout.clear();
    this.stage.setImage(null);
  }

  /** Another image, slice or format is wanted. */
  private ask(want: Extract<ToWorker, { type: "want" }>): void {
    // Nobody chooses another image to go on looking at the one that is held.
    if (want.image !== undefined || want.slice !== undefined) this.setPaused(false);
    this.link.post(want);
    if (want.image !== undefined) {
      this.state.wantedImage = want.image;
      this.settings.set({ image: want.image });
    }
    if (want.format !== undefined) this.settings.set({ format: want.format });
  }

  private setPaused(paused: boolean): void {
    if (paused === (this.state.pausedAt !== null) || (paused && this.state.shown === null)) return;
    this.state.setPaused(paused, performance.now());
    this.tools.setPaused(paused);
    this.link.post({ type: "pause", paused });
    this.titleAt = -Infinity;
    this.refresh();
  }

  private showPicture(): void {
    const { shown } = this.state;
    if (shown === null) return;
    const [rows, columns] = shown.of;
    this.stage.setImage(shown.curve === null ? { width: columns, height: rows } : null);
    setAttribute(byId("picture"), "data-kind", shown.curve !== null ? "curve" : shown.colour ? "colour" : "image");
    this.readout.setKind(shown.curve !== null);
    this.stageCurve.show(shown.curve);
  }

  private refresh(): void {
    const now = performance.now();
    const { state } = this;
    const hidden = document.visibilityState === "hidden";
    const paused = state.pausedAt !== null;
    const inputs = state.veilInputs(now);
    // A hidden tab gets no picture: only the source's own state counts.
    this.veil = veilState(hidden && inputs.pictureAt !== null ? { ...inputs, pictureAt: now } : inputs);
    if (now - this.titleAt > TITLE_MS || hidden) {
      this.titleAt = now;
      const title = documentTitle(
        this.veil,
        hidden ? null : (state.shown?.shownRate ?? 0),
        state.hello?.stream ?? null,
        now,
        state.pausedAt,
      );
      if (document.title !== title) document.title = title;
      setAttribute(this.stage.canvas, "aria-label", pictureLabel(state.shown, this.veil, paused));
    }
    if (hidden) return;
    const connected = state.connection.state === "open";
    this.badge.update(state.pausedAt, state.shown, now, Date.now());
    this.veilCard.update(this.veil, now, Date.now(), state.shown !== null);
    this.strip.updateStream(
      state.hello,
      state.status,
      this.veil === null ? (paused ? "waiting" : "live") : this.veil.alarm ? "fault" : "waiting",
      connected,
    );
    this.strip.update(
      statusFields({
        now,
        connected,
        hello: state.hello,
        status: state.status,
        shown: state.shown,
        shownAt: state.shownAt,
        playing: this.veil === null && !paused,
        paused,
        lostAlarm: state.lostAlarm,
        refusedAlarm: state.refusedAlarm,
        rowsLost: state.rowsLost,
      }),
    );
    this.tools.update(state.shown, state.status, this.stage.zoom);
    this.colours.update(state.shown);
    this.readout.check(state.shown, now);
    this.table.refresh(state, this.veil?.kind !== "no-image" && this.veil?.kind !== "no-channel", now);
    this.refreshChip(now);
    this.popover.refresh();
    this.announcer.update(this.veil, paused, state.hello?.stream ?? "", now);
  }

  private refreshChip(now: number): void {
    const sending = this.veil === null ? this.state.sendingFor(now) : null;
    this.chip.hidden = sending === null;
    if (sending !== null)
      setText(this.chip, `receiving ${formatBytes(sending.bytes)}, ${formatDuration(sending.seconds)}`);
  }

  private togglePanel(): void {
    document.body.classList.toggle("no-values");
  }

  /** What is set here, the worker and the controls have to know. */
  private settingsChanged(now: Settings, before: Settings): void {
    if (now.colours !== before.colours) {
      this.link.post({ type: "colours", colours: now.colours });
      this.colours.apply(now.colours);
    }
    if (now.orientation !== before.orientation) this.stage.setOrientation(now.orientation);
    if (now.saturation !== before.saturation) this.link.post({ type: "want", saturation: now.saturation });
    if (now.processing !== before.processing) this.link.post({ type: "process", wish: now.processing });
    const levels = now.colours.levels !== before.colours.levels;
    if (levels || ANALYSED.some((key) => now[key] !== before[key])) this.analyse(now);
  }

  /** Tell the worker what to compute of the pictures. */
  private analyse(settings: Settings): void {
    const wish = wishOf(settings, PIXEL_AXES, false);
    this.state.setAnalysing(wantsAnalysis(wish));
    this.link.post({ type: "analyse", wish });
  }

  /** Follow the URL to another view. */
  private applyUrl(next: Settings): void {
    const { image, ...rest } = next;
    this.settings.set(rest);
    if (this.tools.setFormat(next.format)) this.link.post({ type: "want", format: next.format });
    if (image !== this.state.wantedImage) {
      this.tools.setWanted(image);
      this.ask({ type: "want", image });
    }
    this.stage.restore(next.focus);
  }
}
