/** The button "Save" and its menu: the picture as seen, its exact pixels, the values of its pulse. Nothing is asked of the server. */

import type { Orders, PulseValues, Shown } from "../../contract";
import type { Senders } from "../../contract/kinds";
import { el, setAttribute, setText } from "../../ui/dom";
import { icon } from "../../ui/icons";
import { asMenu } from "../../ui/menu";
import { fileName } from "./save-name";
import { npyHeader } from "./save-npy";
import { type Around, drawPicture, pngOf } from "./save-picture";
import { Questions, type Answer } from "./save-questions";
import { valuesCsv, valuesJson } from "./save-values";

/** What is on the page when something is saved. */
export interface SaveSource {
  shown: Shown | null;
  /** the values in the table */
  values: PulseValues | null;
  stream: string | null;
  colourMap: string;
  /** device pixels to a CSS pixel */
  ratio: number;
}

/** Lets something be done with all that is seen with the picture, the numbers of its profiles among it. */
export type WithAround = <T>(use: (around: Around) => T) => T;

/** Some browsers begin a download late; the address has to live until then. */
const ADDRESS_LIVES_MS = 60_000;

export class SaveMenu {
  private readonly status = el("p", { class: "save-status", role: "status", "data-testid": "save-status" });
  private readonly asSeen = el("input", { type: "checkbox", checked: true, "data-testid": "save-overlay" });
  private readonly first: HTMLButtonElement;
  readonly element: HTMLDetailsElement;
  private readonly questions: Questions;
  private readonly withAround: WithAround;
  private readonly source: () => SaveSource;

  constructor(worker: Senders<Orders>, withAround: WithAround, source: () => SaveSource) {
    this.questions = new Questions(worker);
    this.withAround = withAround;
    this.source = source;
    this.first = this.item("png", "Picture as seen (PNG)", () => this.savePicture());
    this.element = el(
      "details",
      { class: "menu save-menu" },
      el("summary", { "aria-label": "Save (s)", title: "Save (s)", "data-testid": "save" }, icon("save")),
      el(
        "div",
        { class: "menu-body" },
        this.first,
        el("label", {}, this.asSeen, " with axes, colour bar and what is drawn over it"),
        this.item("npy", "Exact pixels (NumPy)", () => this.savePixels()),
        this.item("json", "Values of the pulse (JSON)", () => this.saveValues("json")),
        this.item("csv", "Values of the pulse (CSV)", () => this.saveValues("csv")),
        this.status,
      ),
    );
    this.element.addEventListener("toggle", () => setText(this.status, ""));
    asMenu(this.element);
  }

  /** Opens the menu, with its first entry ready for Enter; closes it when it is open. */
  toggle(): void {
    this.element.open = !this.element.open;
    if (this.element.open) this.first.focus();
  }

  /** An answer of the worker, perhaps to this one. */
  answer(message: Answer<"snapshot" | "pixels">): void {
    this.questions.answer(message);
  }

  private item(name: string, text: string, action: () => Promise<string> | string): HTMLButtonElement {
    const button = el("button", { type: "button", class: "button", "data-testid": `save-${name}` }, text);
    button.addEventListener("click", () => void this.run(button, action));
    return button;
  }

  /** `action` returns the name of the file, and throws what cannot be done, in words for the user. */
  private async run(button: HTMLButtonElement, action: () => Promise<string> | string): Promise<void> {
    setAttribute(button, "disabled", true);
    setText(this.status, "…");
    try {
      const name = await action();
      setText(this.status, `Saved ${name}`);
    } catch (error) {
      setText(this.status, `Not saved: ${error instanceof Error ? error.message : String(error)}`);
    }
    setAttribute(button, "disabled", null);
    if (this.element.open && document.activeElement === document.body) button.focus();
  }

  private async savePicture(): Promise<string> {
    const { shown, png } = await this.questions.ask("snapshot");
    if (shown === null || png === null) throw new Error("there is no picture on screen");
    const { ratio, colourMap } = this.source();
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const look = {
      ratio,
      colourMap,
      pictureGround: colour("--picture-ground"),
      ground: colour("--ground"),
      captionGround: colour("--raised"),
      text: colour("--text"),
    };
    const bitmap = await createImageBitmap(new Blob([png], { type: "image/png" }));
    const file = this.asSeen.checked
      ? this.withAround((around) => drawPicture(bitmap, shown, { ...look, around }))
      : drawPicture(bitmap, shown, { ...look, around: null });
    bitmap.close();
    const picture = await pngOf(file);
    return download(picture, fileName(shown.channel, shown.pulse, "png"));
  }

  private async savePixels(): Promise<string> {
    const { shown } = this.source();
    const { pulse, dtype, shape, crop, data, reason } = await this.questions.ask("pixels");
    if (reason !== null) throw new Error(reason);
    if (pulse === null || dtype === null || data === null) throw new Error("there is no picture on screen");
    const part = crop === null ? "" : `from_x${crop[0]}_y${crop[1]}`;
    const name = fileName(shown?.channel ?? "", pulse, "npy", part);
    download(new Blob([npyHeader(dtype, shape), data], { type: "application/octet-stream" }), name);
    return crop === null ? name : `${name}: only the part that is in view was sent`;
  }

  private saveValues(kind: "json" | "csv"): string {
    const { shown, values, stream } = this.source();
    if (values === null) throw new Error("there are no values yet");
    const text = kind === "json" ? valuesJson(values, { stream, image: shown?.channel ?? null }) : valuesCsv(values);
    const type = kind === "json" ? "application/json" : "text/csv;charset=utf-8";
    return download(new Blob([text], { type }), fileName(shown?.channel ?? "values", values.pulse, kind));
  }
}

/** Hands a file to the browser; works without a secure context. Returns the name. */
function download(file: Blob, name: string): string {
  const address = URL.createObjectURL(file);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), ADDRESS_LIVES_MS);
  return name;
}
