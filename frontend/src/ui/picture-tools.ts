/** Above the picture: which image, which slice, how it is sent, zoom. */

import type { Shown, Status, ToWorker } from "../contract";
import { el, setAttribute, setText } from "./dom";
import { compactNumber, formatShape } from "./format";
import { icon, type IconName } from "./icons";
import type { Stage } from "./stage";

type Want = Extract<ToWorker, { type: "want" }>;

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
  private readonly format = el(
    "select",
    { id: "format", "data-testid": "format-choice" },
    el("option", { value: "auto" }, "auto"),
    el("option", { value: "raw" }, "raw"),
    el("option", { value: "bslz4" }, "bslz4"),
  );
  readonly element: HTMLElement;

  private readonly onWant: (want: Want) => void;
  private listed = "";
  private wanted: string | null = null;

  constructor(stage: Stage, onWant: (want: Want) => void) {
    this.onWant = onWant;
    this.percent.addEventListener("click", () => stage.oneToOne());
    this.image.addEventListener("change", () => {
      this.wanted = this.image.value === "" ? null : this.image.value;
      onWant({ type: "want", image: this.wanted });
    });
    this.slice.addEventListener("change", () => {
      const index = Math.round(Number(this.slice.value));
      if (Number.isFinite(index) && index >= 0) onWant({ type: "want", slice: index });
    });
    this.format.addEventListener("change", () => this.chooseFormat());
    this.element = el(
      "div",
      { class: "toolbar toolbar-upper" },
      el("div", { class: "group image-group" }, this.image, this.name, this.slices, this.about, this.data),
      el(
        "div",
        { class: "group zoom-group", role: "group", "aria-label": "Zoom" },
        iconButton("minus", "Zoom out (−)", () => stage.zoomBy(1 / 1.5)),
        this.percent,
        iconButton("plus", "Zoom in (+)", () => stage.zoomBy(1.5)),
        iconButton("fit", "Fit the whole picture (0)", () => stage.fit()),
      ),
      this.menu(),
    );
  }

  /** Image channel from the URL. */
  setWanted(image: string | null): void {
    this.wanted = image;
    this.listed = "";
  }

  update(shown: Shown | null, status: Status | null, zoom: number | null): void {
    this.list(status);
    setText(this.name, shown?.channel ?? "");
    this.name.hidden = !this.image.hidden;
    setText(
      this.about,
      shown === null ? "" : `${shown.dtype} ${formatShape(shown.shape)}${shown.colour ? ", colour" : ""}`,
    );
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
    const key = JSON.stringify([images, fallback, this.wanted]);
    if (key === this.listed) return;
    this.listed = key;
    const missing = this.wanted !== null && status !== null && !images.some((image) => image.name === this.wanted);
    const rest = images.filter((image) => image.name !== fallback);
    const label = (image: { name: string; dtype: string; shape: number[] }): string =>
      `${image.name}  (${image.dtype} ${formatShape(image.shape)})`;
    const first = images.find((image) => image.name === fallback);
    this.image.replaceChildren(
      el("option", { value: "" }, first === undefined ? (fallback ?? "default") : label(first)),
      ...rest.map((image) => el("option", { value: image.name }, label(image))),
      ...(missing && this.wanted !== null
        ? [el("option", { value: this.wanted }, `${this.wanted}  (not in the stream)`)]
        : []),
    );
    this.image.value = this.wanted === fallback ? "" : (this.wanted ?? "");
    this.image.hidden = rest.length === 0 && !missing;
    this.element.classList.toggle("several", !this.image.hidden);
  }

  private chooseFormat(): void {
    const { value } = this.format;
    if (value === "auto" || value === "raw" || value === "bslz4") this.onWant({ type: "want", format: value });
  }

  private menu(): HTMLElement {
    const menu = el(
      "details",
      { class: "menu" },
      el("summary", { "aria-label": "More", title: "More" }, icon("more")),
      el(
        "div",
        { class: "menu-body" },
        el("label", {}, "Images are sent as ", this.format),
        el("a", { href: "api/status", target: "_blank", rel: "noopener" }, "Server status (JSON)"),
        el("a", { href: "image.png", target: "_blank", rel: "noopener" }, "Next image as PNG"),
        el("a", { href: "image.npy", download: true }, "Next image as NumPy file"),
      ),
    );
    document.addEventListener("pointerdown", (event) => {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") menu.open = false;
    });
    return menu;
  }
}

function dataText(shown: Shown): string {
  const range =
    shown.range === null
      ? "no finite pixel"
      : `pixels ${compactNumber(shown.range[0])} … ${compactNumber(shown.range[1])}`;
  const odd = shown.notFinite > 0 ? `, ${shown.notFinite} not finite` : "";
  return `${range}${odd}${shown.rounded === null ? "" : ", drawn rounded"}`;
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
