/** Puts the parts of the page together: messages of the worker in, ten refreshes a second out. */

import type { FromWorker, PulseValues, ToWorker } from "../contract";
import { Announcer, documentTitle } from "./announcer";
import { checkBuild, pageBuild } from "./build-check";
import { ColourBar } from "./colour-bar";
import { ColourControls, type Colours } from "./colour-controls";
import { ConsoleApi } from "./console-api";
import { CurvePanel, curveKey } from "./curve-panel";
import { CurvePlot } from "./curve-plot";
import { byId, el, setAttribute, setText } from "./dom";
import { ErrorBar } from "./errors";
import { compactNumber, formatBytes, formatDuration, formatShape } from "./format";
import { Help } from "./help";
import { listenToKeys } from "./keys";
import { LiveState } from "./live-state";
import { iconButton, PictureTools } from "./picture-tools";
import { Popover } from "./popover";
import { Readout } from "./readout";
import { Stage } from "./stage";
import { statusFields } from "./status-text";
import { StatusStrip } from "./status-strip";
import { formatHash, parseHash, type UrlState } from "./url-state";
import { arrayOf, ValuesTable, type TableSource } from "./values-table";
import { VeilCard } from "./veil";
import { veilState, type Veil } from "./veil-state";

/** What the page needs of its worker. */
export interface WorkerLink {
  post(message: ToWorker, transfer?: Transferable[]): void;
  onMessage(listener: (message: FromWorker) => void): void;
  onFailure(listener: (text: string) => void): void;
}

const REFRESH_MS = 100;
const HASH_DELAY_MS = 400;

export class Page {
  private readonly link: WorkerLink;
  private readonly state = new LiveState(performance.now());
  private url: UrlState = parseHash(location.hash);
  private hashTimer: number | undefined;
  private veil: Veil | null = null;
  private drawnValues: PulseValues | null = null;
  private stageCurve: CurvePlot | null = null;
  private titleAt = 0;

  private readonly errors = new ErrorBar(byId("errors"));
  private readonly popover = new Popover();
  private readonly help = new Help();
  private readonly announcer = new Announcer(byId("announcer"));
  private readonly readout = new Readout();
  private readonly bar = new ColourBar();
  private readonly curve = new CurvePanel();
  private readonly chip = el("p", { class: "chip", "data-testid": "receiving", hidden: true });
  private readonly stage = new Stage({
    size: ({ width, height }) => this.link.post({ type: "size", width, height }),
    view: (view) => this.link.post({ type: "view", view }),
    pixel: (pixel) => {
      this.readout.setPixel(pixel);
      this.link.post({ type: "cursor", pixel });
    },
    focus: (focus) => this.remember({ view: focus }),
  });
  private readonly colours = new ColourControls(this.bar, coloursOf(this.url), (colours) => {
    this.link.post({ type: "colours", ...colours });
    this.remember(colours);
  });
  private readonly tools = new PictureTools(this.stage, (want) => {
    this.link.post(want);
    if (want.image !== undefined) {
      this.state.wantedImage = want.image;
      this.remember({ image: want.image });
    }
  });
  private readonly veilCard = new VeilCard(this.stage.element, () => this.link.post({ type: "online" }));
  private readonly table = new ValuesTable(byId("values"), (name) => this.curve.show(name, arrayOf(this.drawnValues, name)));
  private readonly strip = new StatusStrip(byId("top"), byId("counters"), this.popover, el("div", { class: "group page-tools" },
    iconButton("panel", "Table of values (t)", () => this.togglePanel()), iconButton("help", "Help (?)", () => this.help.toggle())));
  private readonly api: ConsoleApi;

  constructor(link: WorkerLink) {
    this.link = link;
    this.api = new ConsoleApi((message) => link.post(message), () => ({
      shown: this.state.shown, values: this.drawnValues, status: this.state.status, connection: this.state.connection,
      hello: this.state.hello,
    }));
    this.stage.element.append(this.chip);
    byId("picture").append(this.tools.element, el("div", { class: "stage-row" }, this.stage.element, this.bar.element),
      this.curve.element, el("div", { class: "toolbar toolbar-lower" }, this.readout.element, this.colours.element));
    this.stage.curveHost.addEventListener("keydown", (event) => curveKey(event, this.stageCurve));
    this.state.wantedImage = this.url.image;
    this.tools.setWanted(this.url.image);
    this.stage.restore(this.url.view);
    this.listen();
  }

  /** Start the worker: the page plays without a click. */
  start(): void {
    if (typeof this.stage.canvas.transferControlToOffscreen !== "function") {
      this.state.broken = "This browser is too old: it has no OffscreenCanvas. Chrome, Edge, Firefox and Safari have it since 2023.";
    } else {
      const canvas = this.stage.canvas.transferControlToOffscreen();
      const { width, height } = this.stage.measure();
      const url = new URL("live", document.baseURI);
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      url.search = url.hash = "";
      const { colourMap, levels, image } = this.url;
      const renderer = new URLSearchParams(location.search).get("renderer");
      this.link.post({ type: "start", canvas, url: url.href, build: pageBuild(), colourMap, levels,
        visible: document.visibilityState === "visible", width, height,
        ...(renderer === "webgl2" || renderer === "canvas2d" ? { renderer } : {}) }, [canvas]);
      if (image !== null) this.link.post({ type: "want", image });
    }
    window.setInterval(() => this.refresh(), REFRESH_MS);
    this.refresh();
  }

  private listen(): void {
    this.link.onMessage((message) => this.receive(message));
    this.link.onFailure((text) => {
      this.state.broken = text;
    });
    window.addEventListener("error", (event) => this.errors.add(`Fault of this page: ${event.message}`));
    window.addEventListener("unhandledrejection", (event) => this.errors.add(`Fault of this page: ${String(event.reason)}`));
    window.addEventListener("online", () => this.link.post({ type: "online" }));
    window.addEventListener("hashchange", () => this.applyHash());
    for (const skip of document.querySelectorAll<HTMLAnchorElement>("a.skip")) {
      skip.addEventListener("click", (event) => {
        // The fragment of the URL is the view's memory.
        event.preventDefault();
        byId(skip.hash.slice(1)).focus();
      });
    }
    document.addEventListener("visibilitychange", () => {
      const visible = document.visibilityState === "visible";
      this.state.forgetCadence();
      this.link.post({ type: "visible", visible });
      if (visible) this.refresh();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.curve.shows !== null && !event.defaultPrevented) this.curve.hide();
    });
    listenToKeys({
      zoomIn: () => this.stage.zoomBy(1.5), zoomOut: () => this.stage.zoomBy(1 / 1.5), fit: () => this.stage.fit(),
      oneToOne: () => this.stage.oneToOne(), pan: (x, y) => this.stage.panBy(x, y),
      movePixel: (rows, columns) => this.stage.movePixel(rows, columns), togglePixel: () => this.stage.togglePixel(),
      auto: () => this.colours.toggleAuto(), fix: () => this.colours.fix(), togglePanel: () => this.togglePanel(),
      filter: () => this.table.focusFilter(), help: () => this.help.toggle(),
    });
  }

  private receive(message: FromWorker): void {
    const now = performance.now();
    this.state.receive(message, now);
    switch (message.type) {
      case "hello": {
        const outdated = checkBuild(message.hello.build);
        if (outdated !== null) this.errors.add(outdated);
        break;
      }
      case "connection":
        if (message.connection.state === "lost" && !message.connection.everOpen) void this.askServer();
        break;
      case "shown":
        this.showPicture();
        break;
      case "cleared":
        this.readout.clear();
        this.stage.setImage(null);
        break;
      case "cursor":
        this.readout.setAnswer(message, now);
        break;
      case "pixels":
        this.api.answer(message);
        break;
      case "error":
        this.errors.add(message.text);
        break;
      default:
        break;
    }
  }

  /** Does the server answer ordinary requests? Tells a proxy that blocks WebSockets from a server that is gone. */
  private async askServer(): Promise<void> {
    try {
      await fetch("healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
      this.state.serverAnswers = true;
    } catch {
      this.state.serverAnswers = false;
    }
  }

  private showPicture(): void {
    const { shown } = this.state;
    if (shown === null) return;
    const [rows = 1, columns = 1] = shown.shape;
    this.stage.setImage(shown.curve === null ? { width: columns, height: rows } : null);
    setAttribute(byId("picture"), "data-kind", shown.curve !== null ? "curve" : shown.colour ? "colour" : "image");
    this.showCurve();
  }

  /** A stream without images: its largest array is the picture. */
  private showCurve(): void {
    const curve = this.state.shown?.curve ?? null;
    this.stage.curveHost.hidden = curve === null;
    this.stage.canvas.hidden = curve !== null;
    if (curve === null) {
      this.stageCurve?.destroy();
      this.stageCurve = null;
      return;
    }
    this.stageCurve ??= new CurvePlot(this.stage.curveHost, {
      axes: true,
      onCursor: (index) => {
        const now = this.state.shown?.curve ?? null;
        const value = index === null ? undefined : now?.values[index];
        this.readout.setCurve(index === null || value === undefined || now === null ? null : { index, value, dtype: now.dtype });
      },
    });
    this.stageCurve.update(curve.values);
  }

  private refresh(): void {
    const now = performance.now();
    const { state } = this;
    const hidden = document.visibilityState === "hidden";
    const inputs = state.veilInputs(now);
    // A hidden tab gets no picture: only the source's own state counts.
    this.veil = veilState(hidden && inputs.pictureAt !== null ? { ...inputs, pictureAt: now } : inputs);
    const rate = this.veil === null ? state.shown?.shownRate ?? 0 : 0;
    if (now - this.titleAt > 900 || hidden) {
      this.titleAt = now;
      const title = documentTitle(this.veil, rate, state.hello?.stream ?? null, now);
      if (document.title !== title) document.title = title;
      this.describeCanvas();
    }
    if (hidden) return;
    const connected = state.connection.state === "open";
    this.veilCard.update(this.veil, now, Date.now(), state.shown !== null);
    this.strip.updateStream(state.hello, state.status, this.veil === null ? "live" : this.veil.alarm ? "fault" : "waiting", connected);
    this.strip.update(statusFields({
      now, connected, hello: state.hello, status: state.status, shown: state.shown, shownAt: state.shownAt,
      playing: this.veil === null, lostAlarm: state.lostAlarm, refusedAlarm: state.refusedAlarm, rowsLost: state.rowsLost,
    }));
    this.tools.update(state.shown, state.status, this.stage.zoom);
    this.colours.update(state.shown);
    this.readout.check(state.shown, now);
    this.refreshTable(now);
    this.refreshChip(now);
    this.popover.refresh();
    this.announcer.update(this.veil, state.hello?.stream ?? "", now);
  }

  /** The picture's own values; the newest ones while no picture lives but values arrive. */
  private refreshTable(now: number): void {
    const { pictureValues, newestValues, shown } = this.state;
    const noPicture = shown === null || this.veil?.kind === "no-image" || this.veil?.kind === "no-channel";
    const source: TableSource = noPicture && newestValues !== null ? "newest" : "picture";
    const values = source === "newest" ? newestValues : pictureValues;
    if (values === null || values === this.drawnValues) return;
    this.drawnValues = values;
    this.table.update(values, source, shown?.channel ?? null, now);
    if (this.curve.shows !== null) this.curve.update(arrayOf(values, this.curve.shows), values.pulse.pulseId);
  }

  private refreshChip(now: number): void {
    const sending = this.veil === null ? this.state.sendingFor(now) : null;
    this.chip.hidden = sending === null;
    if (sending !== null) setText(this.chip, `receiving ${formatBytes(sending.bytes)}, ${formatDuration(sending.seconds)}`);
  }

  private describeCanvas(): void {
    const { shown } = this.state;
    setAttribute(this.stage.canvas, "aria-label", shown === null ? "No picture yet"
      : `Image ${shown.channel}, ${formatShape(shown.shape)}, pulse ${shown.pulse.pulseId}${
        shown.range === null ? "" : `, values from ${compactNumber(shown.range[0])} to ${compactNumber(shown.range[1])}`}${
        this.veil === null ? "" : `, not live: ${this.veil.title}`}`);
  }

  private togglePanel(): void {
    document.body.classList.toggle("no-values");
  }

  private remember(change: Partial<UrlState>): void {
    this.url = { ...this.url, ...change };
    window.clearTimeout(this.hashTimer);
    this.hashTimer = window.setTimeout(() => {
      const hash = formatHash(this.url);
      if (hash === location.hash) return;
      // Browsers allow only so many changes in a time; a view that is not kept in the URL is no fault.
      try {
        history.replaceState(null, "", `${location.pathname}${location.search}${hash}`);
      } catch {
        return;
      }
    }, HASH_DELAY_MS);
  }

  /** Somebody edited the URL or followed a link to another view. */
  private applyHash(): void {
    const next = parseHash(location.hash);
    window.clearTimeout(this.hashTimer);
    this.url = next;
    this.colours.apply(coloursOf(next));
    this.link.post({ type: "colours", ...coloursOf(next) });
    if (next.image !== this.state.wantedImage) {
      this.state.wantedImage = next.image;
      this.tools.setWanted(next.image);
      this.link.post({ type: "want", image: next.image });
    }
    this.stage.restore(next.view);
  }
}

function coloursOf({ colourMap, levels }: UrlState): Colours {
  return { colourMap, levels };
}
