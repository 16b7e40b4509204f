/** The page "View" of the side panel: where the axes get their numbers from, and what is marked on the picture. */

import { calibratedBy, NO_OWN, type OwnDraft, ownFromAxes, parseStep, wholeCalibration } from "./calibration";
import { el, setAttribute, setText } from "../dom";
import { type Axes, distanceBetween, distanceText, isCalibrated, PIXEL_AXES, positionText, unitText } from "./measure";
import { rulerText } from "../../tools/ruler/ruler";
import type { Calibration, Place, Settings, SettingsStore } from "../settings";
import { typedNumber } from "../typed-number";

type Kind = Calibration["kind"];

const KINDS: [Kind, string][] = [
  ["stream", "of the stream (x_axis, y_axis), else pixels"],
  ["pixel", "pixels"],
  ["manual", "my own"],
];
const NOTHING = "None. m sets a marker, Shift+M the second, u takes the ruler.";
const LONGEST_UNIT = 12;
const ASKED =
  "Give the step along x and y and their unit, or the unit and the distance of two markers. Until then nothing changes.";

interface Field {
  input: HTMLInputElement;
  row: HTMLElement;
  /** what is wrong with it, "" if nothing is */
  say(problem: string): void;
}

export class ViewPage {
  readonly element = el("div", { class: "panel-page view-page", "data-testid": "view-page" });
  private readonly settings: SettingsStore;
  private readonly radios = new Map<Kind, HTMLInputElement>();
  private readonly now = el("p", { class: "view-note", "data-testid": "calibration-now" });
  private readonly stepX = field("cal-step-x", "Step along x, per pixel");
  private readonly stepY = field("cal-step-y", "Step along y, per pixel");
  private readonly originX = field("cal-origin-x", "Zero at column");
  private readonly originY = field("cal-origin-y", "Zero at row");
  private readonly unit = field("cal-unit", "Unit");
  private readonly distance = field("cal-distance", "Distance of the two markers");
  private readonly own = el("div", { class: "view-own" });
  private readonly marks = el("ul", { class: "view-marks" });
  private readonly pixels = el("ul", { class: "view-marks" });
  /** the same in pixels, where the axes have another unit */
  private readonly inPixels = el(
    "details",
    { class: "view-pixels", "data-testid": "marks-in-pixels" },
    el("summary", {}, "In pixels"),
    this.pixels,
  );
  private readonly asked = el("p", { class: "view-note", "data-testid": "calibration-asked" }, ASKED);
  /** taken up again when somebody comes back from another kind */
  private draft: OwnDraft = NO_OWN;
  /** "my own" was chosen, and is no calibration yet */
  private asking = false;
  /** the last axes that the stream brought */
  private streamAxes: Axes = PIXEL_AXES;
  private axes: Axes = PIXEL_AXES;
  private visible = false;

  constructor(settings: SettingsStore) {
    this.settings = settings;
    const origin = button("Zero at marker 1", "cal-zero", () => this.zeroAtMarker());
    const use = button("Use this distance", "cal-use", () => this.useDistance());
    this.distance.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.useDistance();
    });
    this.unit.input.maxLength = LONGEST_UNIT;
    this.unit.input.classList.replace("number", "unit");
    this.own.append(
      this.asked,
      ...[this.stepX, this.stepY, this.unit, this.originX, this.originY].map(({ row }) => row),
      origin,
      this.distance.row,
      use,
    );
    this.element.append(
      el(
        "fieldset",
        { class: "view-section" },
        el("legend", {}, "Numbers on the axes"),
        ...KINDS.map(([kind, text]) => this.radio(kind, text)),
        this.now,
        this.own,
      ),
      el("section", { class: "view-section" }, el("h3", {}, "Markers and ruler"), this.marks, this.inPixels),
    );
    this.onNumber(this.stepX, parseStep, "A step is a number other than 0.", (stepX) => ({ stepX }));
    this.onNumber(this.stepY, parseStep, "A step is a number other than 0.", (stepY) => ({ stepY }));
    this.onNumber(this.originX, typedNumber, "A column is a number.", (x) => ({ origin: { ...this.draft.origin, x } }));
    this.onNumber(this.originY, typedNumber, "A row is a number.", (y) => ({ origin: { ...this.draft.origin, y } }));
    this.unit.input.addEventListener("change", () => {
      const unit = this.unit.input.value.trim();
      this.unit.say(unit === "" ? "A unit is a word, such as µm." : "");
      if (unit !== "") this.setOwn({ unit: unitText(unit) });
    });
    settings.watch(["calibration", "markers", "ruler"], () => this.update());
    this.update();
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.update();
  }

  setAxes(axes: Axes): void {
    if (axes === this.axes) return;
    this.axes = axes;
    if (this.settings.now.calibration.kind === "stream") this.streamAxes = axes;
    this.update();
  }

  private update(): void {
    if (!this.visible) return;
    const { calibration, markers, ruler } = this.settings.now;
    if (calibration.kind === "manual") {
      this.draft = calibration;
      this.asking = false;
    }
    const kind = this.asking ? "manual" : calibration.kind;
    const radio = this.radios.get(kind);
    if (radio !== undefined) radio.checked = true;
    setText(this.now, axesText(this.axes, calibration.kind));
    this.own.hidden = kind !== "manual";
    this.asked.hidden = !this.asking;
    if (kind === "manual") {
      const { stepX, stepY, origin, unit } = this.draft;
      const texts: [Field, string][] = [
        [this.stepX, numberText(stepX)],
        [this.stepY, numberText(stepY)],
        [this.originX, numberText(origin.x)],
        [this.originY, numberText(origin.y)],
        [this.unit, unit === null ? "" : unitText(unit)],
      ];
      for (const [{ input, say }, text] of texts) {
        if (document.activeElement === input) continue;
        input.value = text;
        say("");
      }
    }
    const rows = this.markRows({ markers, ruler }, this.axes, true);
    this.marks.replaceChildren(...(rows.length > 0 ? rows : [el("li", { class: "view-note" }, NOTHING)]));
    this.inPixels.hidden = rows.length === 0 || !isCalibrated(this.axes);
    this.pixels.replaceChildren(...(this.inPixels.hidden ? [] : this.markRows({ markers, ruler }, PIXEL_AXES, false)));
  }

  /** What is marked, on these axes; with buttons that remove it, or without. */
  private markRows(
    { markers, ruler }: Pick<Settings, "markers" | "ruler">,
    axes: Axes,
    removable: boolean,
  ): HTMLElement[] {
    const [first, second] = markers;
    const row = (name: string, title: string, text: string, remove?: () => void): HTMLElement =>
      removable ? this.mark(`mark-${name}`, title, text, remove) : this.mark(`pixels-${name}`, title, text);
    const marker = (place: Place, at: 0 | 1): HTMLElement =>
      row(`marker${at + 1}`, `Marker ${at + 1}`, positionText(place, axes), () =>
        this.settings.set({ markers: at === 0 ? [null, second] : [first, null] }),
      );
    return [
      ...(first === null ? [] : [marker(first, 0)]),
      ...(second === null ? [] : [marker(second, 1)]),
      ...(first === null || second === null
        ? []
        : [row("between", "Between them", distanceText(distanceBetween(first, second, axes), true))]),
      ...(ruler === null
        ? []
        : [row("ruler", "Ruler", rulerText(ruler, axes), () => this.settings.set({ ruler: null }))]),
    ];
  }

  private mark(testId: string, title: string, text: string, remove?: () => void): HTMLElement {
    const name = testId.slice(testId.indexOf("-") + 1);
    return el(
      "li",
      { class: "view-mark", "data-testid": testId },
      el("strong", {}, title),
      el("span", {}, text),
      ...(remove === undefined ? [] : [button("Remove", `remove-${name}`, remove, `Remove ${title.toLowerCase()}`)]),
    );
  }

  private radio(kind: Kind, text: string): HTMLElement {
    const input = el("input", { type: "radio", name: "calibration", value: kind, "data-testid": `cal-${kind}` });
    this.radios.set(kind, input);
    input.addEventListener("change", () => this.choose(kind));
    return el("label", { class: "view-radio" }, input, text);
  }

  /** "My own" goes on from what it was, else from the stream's axes, else it asks. */
  private choose(kind: Kind): void {
    this.asking = false;
    if (kind !== "manual") {
      this.settings.set({ calibration: { kind } });
      return this.update();
    }
    const own = wholeCalibration(this.draft) ?? ownFromAxes(this.streamAxes);
    this.asking = own === null;
    if (own !== null) this.settings.set({ calibration: own });
    this.update();
  }

  private onNumber(
    { input, say }: Field,
    parse: (text: string) => number | null,
    problem: string,
    change: (value: number) => Partial<OwnDraft>,
  ): void {
    input.addEventListener("change", () => {
      const value = parse(input.value);
      say(value === null ? problem : "");
      if (value !== null) this.setOwn(change(value));
    });
  }

  private setOwn(change: Partial<OwnDraft>): void {
    this.draft = { ...this.draft, ...change };
    const own = wholeCalibration(this.draft);
    if (own !== null) this.settings.set({ calibration: own });
    else this.update();
  }

  private zeroAtMarker(): void {
    const [first] = this.settings.now.markers;
    this.originX.say(first === null ? "There is no marker 1." : "");
    if (first !== null) this.setOwn({ origin: first });
  }

  private useDistance(): void {
    const [first, second] = this.settings.now.markers;
    const distance = typedNumber(this.distance.input.value);
    if (first === null || second === null) {
      this.distance.say("Set two markers first.");
      return;
    }
    const { unit } = this.draft;
    if (unit === null) {
      this.unit.say("Give the unit of the distance first, such as µm.");
      this.unit.input.focus();
      return;
    }
    const own = distance === null ? null : calibratedBy(this.draft, first, second, distance, unit);
    this.distance.say(own === null ? "A distance is a number above 0, between markers at different pixels." : "");
    if (own !== null) this.settings.set({ calibration: own });
  }
}

function axesText({ x, y }: Axes, kind: Kind): string {
  const one = (axis: Axes["x"]): string => (axis.kind === "pixel" ? "pixels" : unitText(axis.unit));
  const missing = kind === "stream" && (x.kind === "pixel" || y.kind === "pixel");
  return `Now: x in ${one(x)}, y in ${one(y)}${missing ? "; the stream has no fitting channel for the pixels" : ""}.`;
}

function numberText(value: number | null): string {
  return value === null ? "" : String(Number(value.toPrecision(7)));
}

function field(testId: string, label: string): Field {
  const problem = el("span", { class: "problem", role: "alert", id: `${testId}-problem` });
  const input = el("input", {
    type: "text",
    class: "number",
    autocomplete: "off",
    spellcheck: "false",
    "data-testid": testId,
    "aria-describedby": `${testId}-problem`,
  });
  const row = el("label", { class: "view-field" }, el("span", {}, label), input, problem);
  return {
    input,
    row,
    say: (text) => {
      setText(problem, text);
      setAttribute(input, "aria-invalid", text === "" ? null : "true");
    },
  };
}

function button(text: string, testId: string, press: () => void, label?: string): HTMLButtonElement {
  const made = el("button", { type: "button", class: "button", "data-testid": testId, "aria-label": label }, text);
  made.addEventListener("click", press);
  return made;
}
