/** A channel's curve, enlarged below the picture, with axes, cursor and value. */

import type { ArrayValue, PulseValues } from "../../contract";
import { el, setText } from "../dom";
import { closed } from "../focus";
import { formatShape } from "../format";
import { icon } from "../icons";
import { Waveform } from "./waveform";

export class CurvePanel {
  private readonly name = el("h2", { class: "curve-name" });
  private readonly about = el("span", { class: "curve-about" });
  private readonly value = el("span", { class: "curve-value" });
  private readonly close = el(
    "button",
    { type: "button", class: "button button-icon", "aria-label": "Close the curve" },
    icon("close"),
  );
  private readonly host = el("div", {
    class: "curve-host",
    tabindex: 0,
    role: "group",
    "aria-label": "Curve; left and right arrow move the cursor, plus and minus zoom, 0 shows all, h holds the peaks",
  });
  private readonly waveform: Waveform;
  readonly element: HTMLElement;
  /** It is opened: another one may have to give way. */
  onShow: () => void = () => undefined;
  private channel: string | null = null;
  private opener: Element | null = null;

  /** `prefix`: of its id and the labels of tests. */
  constructor(prefix: string) {
    this.waveform = new Waveform(this.host, prefix, (_, text) => setText(this.value, text));
    const labels = { name: this.name, value: this.value, host: this.host, about: this.about, close: this.close };
    for (const [name, element] of Object.entries(labels)) element.dataset["testid"] = `${prefix}-${name}`;
    this.element = el(
      "section",
      { class: "curve-panel", id: `${prefix}-panel`, "aria-label": "Enlarged curve", hidden: true },
      el("div", { class: "curve-head" }, this.name, this.about, this.waveform.tools, this.close),
      this.value,
      this.host,
    );
    this.close.addEventListener("click", () => this.hide());
    this.host.addEventListener("keydown", (event) => this.waveform.key(event));
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.hide();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.channel !== null && !event.defaultPrevented) this.hide();
    });
  }

  /** Name of the channel that is shown, or null. */
  get shows(): string | null {
    return this.channel;
  }

  show(channel: string, values: PulseValues | null): void {
    this.onShow();
    this.opener = document.activeElement;
    if (this.channel !== channel) this.waveform.clear();
    this.channel = channel;
    this.element.hidden = false;
    setText(this.name, channel);
    this.update(values);
    this.host.focus({ preventScroll: true });
  }

  hide(): void {
    if (this.channel === null) return;
    this.waveform.clear();
    this.channel = null;
    this.element.hidden = true;
    if (this.opener instanceof HTMLElement) closed(this.opener);
  }

  /** The values of a pulse, which may have no such curve; `missing`: why there are none. */
  update(values: PulseValues | null, missing: string | null = null): void {
    if (this.channel === null) return;
    const array = values?.arrays.get(this.channel) ?? null;
    const which = values === null ? "" : `, pulse ${values.pulse.pulseId}`;
    setText(this.about, missing ?? aboutText(array, which));
    this.element.classList.toggle("empty", array === null);
    if (array !== null) this.waveform.update(this.channel, array, values);
  }
}

function aboutText(array: ArrayValue | null, which: string): string {
  return array === null ? `no curve in this pulse${which}` : `${array.dtype} ${formatShape(array.shape)}${which}`;
}
