/** Above the picture: which image, which slice, how it is sent, pause, zoom. */

import type { DType, Shown, Status } from "../contract";
import { COLOUR_CHOICES, offersColour } from "./colour-choice";
import { CHOICES, isImageFormat } from "./status/choice-text";
import { el, setAttribute, setText } from "./dom";
import { compactNumber, formatShape, typeText } from "./format";
import { icon, type IconName } from "./icons";
import { asMenu } from "./menu";
import type { Settings, SettingsStore } from "./settings";
import type { Stage } from "./stage/stage";

const PAUSE = "Pause (p)";
const RESUME = "Resume (p)";

export class PictureTools {
  private readonly image = el("select", {
    id: "image-channel",
    "aria-label": "Image channel",
    "data-testid": "image-channel",
    hidden: true,
  });
  private readonly name = el("span", { class: "image-name", "data-testid": "image-name" });
  private readonly about = el("span", { class: "image-about", "data-testid": "image-about" });
  private readonly data = el("span", { class: "data-range", "data-testid": "data-range" });
  private readonly slice = el("input", {
    type: "number",
    min: 0,
    step: 1,
    class: "number slice",
    "aria-label": "Slice",
    "data-testid": "slice",
  });
  private readonly sliceCount = el("span");
  private readonly colour = el(
    "select",
    {
      id: "colour-choice",
      "aria-label": "Colour image or slices",
      title: "An array with three or four rows, columns or layers may be a colour image or a stack of images",
      "data-testid": "colour-choice",
      hidden: true,
    },
    ...COLOUR_CHOICES.map(([value, text]) => el("option", { value }, text)),
  );
  private readonly slices = el("label", { class: "slices", hidden: true }, "slice ", this.slice, this.sliceCount);
  private readonly percent = el(
    "button",
    {
      type: "button",
      class: "button zoom-percent",
      title: "One image pixel on one screen pixel (1)",
      "data-testid": "zoom-percent",
    },
    "–",
  );
  private readonly choice = el(
    "select",
    {
      id: "choice",
      "aria-label": "What is sent of the image",
      title: "What is sent of the image: automatic takes what the link carries",
      "data-testid": "choice",
    },
    ...CHOICES.map(([value, text]) => el("option", { value }, text)),
  );
  /** in which form what is exact travels; seldom of use */
  private readonly wire = el(
    "select",
    { id: "format", "data-testid": "format-choice" },
    el("option", { value: "exact" }, "whichever is cheaper"),
    el("option", { value: "raw" }, "raw"),
    el("option", { value: "bslz4" }, "bslz4"),
  );
  private readonly pauseButton: HTMLButtonElement;
  readonly element: HTMLElement;

  private listed = "";
  private readonly settings: SettingsStore;
  private paused = false;

  constructor(stage: Stage, settings: SettingsStore, viewMenu: HTMLElement, onPause: () => void, onBeam: () => void) {
    this.percent.addEventListener("click", () => stage.scaleTo(1));
    this.settings = settings;
    this.image.addEventListener("change", () => {
      settings.set({ image: this.image.value === "" ? null : this.image.value });
    });
    this.slice.addEventListener("change", () => {
      const index = Math.round(Number(this.slice.value));
      if (Number.isFinite(index) && index >= 0) settings.set({ slice: index });
    });
    this.colour.addEventListener("change", () => {
      const choice = COLOUR_CHOICES.find(([value]) => value === this.colour.value)?.[0];
      if (choice !== undefined) settings.set({ colour: choice });
    });
    for (const select of [this.choice, this.wire]) {
      select.addEventListener("change", () => {
        if (isImageFormat(select.value)) settings.set({ format: select.value });
      });
    }
    this.pauseButton = iconButton("pause", PAUSE, onPause);
    this.pauseButton.classList.add("pause");
    this.pauseButton.dataset["testid"] = "pause";
    this.element = el(
      "div",
      { class: "toolbar toolbar-upper" },
      el("div", { class: "group image-group" }, this.image, this.name, this.colour, this.slices, this.about, this.data),
      el("div", { class: "group send-group" }, this.choice, this.pauseButton),
      el(
        "div",
        { class: "group zoom-group", role: "group", "aria-label": "Zoom" },
        iconButton("minus", "Zoom out (−)", () => stage.zoomBy(1 / 1.5)),
        this.percent,
        iconButton("plus", "Zoom in (+)", () => stage.zoomBy(1.5)),
        iconButton("beam", "Zoom to the beam (b)", onBeam),
        iconButton("fit", "Fit the whole picture (0)", () => stage.fit()),
        viewMenu,
      ),
      this.menu(),
    );
    const choices = (): void => this.showChoices(settings.now);
    settings.watch(["format", "colour"], choices);
    choices();
  }

  /** Puts another control beside the one that pauses. */
  addBesidePause(element: HTMLElement): void {
    this.pauseButton.after(element);
  }

  private showChoices({ format, colour }: Settings): void {
    const exact = format === "raw" || format === "bslz4";
    this.choice.value = exact ? "exact" : format;
    this.wire.value = exact ? format : "exact";
    this.colour.value = colour;
  }

  setPaused(paused: boolean): void {
    if (paused === this.paused) return;
    this.paused = paused;
    this.pauseButton.replaceChildren(icon(paused ? "play" : "pause"));
    for (const name of ["aria-label", "title"]) setAttribute(this.pauseButton, name, paused ? RESUME : PAUSE);
    setAttribute(this.pauseButton, "data-paused", paused);
  }

  update(shown: Shown | null, status: Status | null, zoom: number | null): void {
    this.list(status);
    this.colour.hidden = !offersColour(shown, status, this.settings.now.image);
    setText(this.name, shown?.channel ?? "");
    this.name.hidden = !this.image.hidden;
    setText(this.about, shown === null ? "" : aboutText(shown));
    setAttribute(this.pauseButton, "disabled", shown === null && !this.paused);
    this.offerFloats(shown);
    setText(this.data, shown === null || shown.curve !== null ? "" : dataText(shown));
    setAttribute(this.data, "title", shown?.rounded);
    const slice = shown?.slice ?? null;
    this.slices.hidden = slice === null;
    if (slice !== null) {
      const [index, count] = slice;
      setAttribute(this.slice, "max", count - 1);
      setText(this.sliceCount, ` of ${count}`);
      if (document.activeElement !== this.slice && this.slice.value !== String(index)) this.slice.value = String(index);
    }
    const percent =
      zoom === null ? "–" : zoom >= 0.0995 ? `${Math.round(zoom * 100)} %` : `${(zoom * 100).toFixed(1)} %`;
    setText(this.percent, percent);
  }

  /** The choice appears when there is one to make. */
  private list(status: Status | null): void {
    const images = status?.images ?? [];
    const fallback = status?.defaultImage ?? null;
    const { image: wanted } = this.settings.now;
    const key = JSON.stringify([images, fallback, wanted]);
    if (key === this.listed) return;
    this.listed = key;
    const missing = wanted !== null && status !== null && !images.some((image) => image.name === wanted);
    const rest = images.filter((image) => image.name !== fallback);
    const label = (image: { name: string; dtype: string; shape: number[] }): string =>
      `${image.name}  (${image.dtype} ${formatShape(image.shape)})`;
    const first = images.find((image) => image.name === fallback);
    this.image.replaceChildren(
      el("option", { value: "" }, first === undefined ? (fallback ?? "default") : label(first)),
      ...rest.map((image) => el("option", { value: image.name }, label(image))),
      ...(missing && wanted !== null ? [el("option", { value: wanted }, `${wanted}  (not in the stream)`)] : []),
    );
    this.image.value = wanted === fallback ? "" : (wanted ?? "");
    this.image.hidden = rest.length === 0 && !missing;
    this.element.classList.toggle("several", !this.image.hidden);
  }

  /** Only doubles can be sent with fewer digits. */
  private offerFloats(shown: Shown | null): void {
    const option = this.choice.querySelector<HTMLOptionElement>("option[value=float32]");
    const offered = shown?.sourceDtype === "float64" || this.settings.now.format === "float32";
    if (option !== null) setAttribute(option, "hidden", !offered);
    if (option !== null) setAttribute(option, "disabled", !offered);
  }

  private menu(): HTMLElement {
    const menu = el(
      "details",
      { class: "menu" },
      el("summary", { "aria-label": "More", title: "More" }, icon("more")),
      el(
        "div",
        { class: "menu-body" },
        el("label", {}, "Exact images are sent as ", this.wire),
        el("a", { href: "api/status", target: "_blank", rel: "noopener" }, "Server status (JSON)"),
        el("a", { href: "image.png", target: "_blank", rel: "noopener" }, "Next image as PNG"),
        el("a", { href: "image.npy", download: true }, "Next image as NumPy file"),
      ),
    );
    asMenu(menu);
    return menu;
  }
}

/** Of the whole image at its source, whatever was sent of it. */
function aboutText(shown: Shown): string {
  const { curve, of, shape, colour } = shown;
  return `${typeText(shown)} ${formatShape(curve === null ? of : shape)}${colour ? ", colour" : ""}`;
}

/** Lowest and highest value, told apart; with a sign where doubles do not hold those of 64-bit integers. */
export function rangeText([low, high]: readonly [number, number], dtype: DType): string {
  const wide =
    (dtype === "int64" || dtype === "uint64") && Math.max(Math.abs(low), Math.abs(high)) > Number.MAX_SAFE_INTEGER;
  // To doubles they may be one number, and yet differ.
  if (wide && low === high) return `≈ ${low}`;
  const short = [compactNumber(low), compactNumber(high)];
  const [first, last] = low !== high && short[0] === short[1] ? [String(low), String(high)] : short;
  return `${wide ? "≈ " : ""}${first} … ${last}`;
}

function dataText(shown: Shown): string {
  const what = shown.crop !== null && shown.numbers === null ? "in view" : "pixels";
  const range = shown.range === null ? "no finite pixel" : `${what} ${rangeText(shown.range, shown.sourceDtype)}`;
  const odd = shown.notFinite > 0 ? `, ${shown.notFinite} not finite` : "";
  return `${range}${odd}${shown.rounded === null ? "" : ", coarse levels"}`;
}

export function iconButton(name: IconName, label: string, onClick: () => void): HTMLButtonElement {
  const button = el(
    "button",
    { type: "button", class: "button button-icon", "aria-label": label, title: label },
    icon(name),
  );
  button.addEventListener("click", onClick);
  return button;
}
