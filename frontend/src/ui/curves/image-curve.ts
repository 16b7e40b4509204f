/** An image of one row or column, which can be shown as a curve, and what is said of long images that are stretched. */

import type { ArrayValue, Orientation, PulseValues, Shown } from "../../contract";
import { shownSize } from "../../render/orientation";
import { stretchOf } from "../../render/stretch";
import type { Pixels, ViewerApi } from "../console-api";
import { el, setText } from "../dom";
import { CurvePanel } from "./curve-panel";

/** How the pixels of a long image are drawn; "": as squares. */
export function stretchText([rows, columns]: readonly [number, number], orientation: Orientation): string {
  const stretch = stretchOf(shownSize(orientation, { width: columns, height: rows }));
  const times = Math.max(stretch.x, stretch.y);
  if (times === 1) return "";
  const [count, what] = rows < columns ? [rows, "row"] : [columns, "column"];
  const many = count === 1 ? `1 ${what}` : `${count} ${what}s`;
  return `${many}, drawn ${times} times as ${stretch.y > 1 ? "high" : "wide"}`;
}

/** Whether the long side of an image runs from top to bottom on the screen. */
function isUpright([rows, columns]: readonly [number, number], orientation: Orientation): boolean {
  const { width, height } = shownSize(orientation, { width: columns, height: rows });
  return height > width;
}

/** Whether an image is a curve that lies in one row or column. */
export function isLine({ of: [rows, columns], colour, curve }: Pick<Shown, "of" | "colour" | "curve">): boolean {
  return curve === null && !colour && Math.min(rows, columns) === 1 && Math.max(rows, columns) > 1;
}

/** The pixels of such an image as a curve; what was not sent of it has no value. */
export function lineOf({ dtype, shape, crop, data }: Pixels, of: readonly [number, number]): ArrayValue {
  const length = Math.max(...of);
  const values = Float64Array.from(data as ArrayLike<number | bigint>, Number);
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  if (crop === null || values.length === length) {
    return { dtype, shape: [...shape], values, ...(wide ? { exact: data } : {}) };
  }
  const whole = new Float64Array(length).fill(NaN);
  whole.set(values, of[0] === 1 ? crop[0] : crop[1]);
  return { dtype, shape: [...of], values: whole };
}

export class ImageCurve {
  private readonly text = el("span", { "data-testid": "stretched" });
  private readonly button = el(
    "button",
    { type: "button", class: "button", "data-testid": "show-as-curve" },
    "Show as curve",
  );
  /** lies on the stage */
  readonly note = el("p", { class: "image-curve-note", hidden: true }, this.text, this.button);
  readonly panel = new CurvePanel("image-curve");
  private readonly api: Pick<ViewerApi, "pixels">;
  private shown: Shown | null = null;
  private values: PulseValues | null = null;
  /** sequence of the picture that was asked for last */
  private asked: bigint | null = null;
  private asking = false;

  constructor(api: Pick<ViewerApi, "pixels">) {
    this.api = api;
    this.button.addEventListener("click", () => {
      if (this.shown === null) return;
      this.asked = null;
      this.panel.show(this.shown.channel, null);
      void this.draw();
    });
  }

  /** What is on screen now; `values`: those of its pulse. */
  update(shown: Shown | null, values: PulseValues | null, orientation: Orientation): void {
    this.shown = shown;
    this.values = values;
    const text = shown === null || shown.curve !== null ? "" : stretchText(shown.of, orientation);
    const line = shown !== null && isLine(shown);
    setText(this.text, text);
    this.note.classList.toggle("upright", shown !== null && isUpright(shown.of, orientation));
    this.text.hidden = text === "";
    // While the curve is open there is little room for a note.
    this.button.hidden = !line || this.panel.shows !== null;
    this.note.hidden = this.text.hidden && this.button.hidden;
    if (this.panel.shows === null || shown === null) return;
    if (line && shown.channel === this.panel.shows) void this.draw();
    else this.panel.hide();
  }

  /** Draws the picture on screen, one after the other. */
  private async draw(): Promise<void> {
    if (this.asking || this.shown === null || this.shown.pulse.sequence === this.asked) return;
    this.asking = true;
    try {
      await this.ask(this.shown);
    } finally {
      this.asking = false;
    }
  }

  private async ask({ channel, of, pulse }: Shown): Promise<void> {
    this.asked = pulse.sequence;
    let found: { array: ArrayValue; pulseId: bigint; sequence: bigint } | null = null;
    let missing: string | null = null;
    try {
      const pixels = await this.api.pixels();
      if (pixels !== null) found = { array: lineOf(pixels, of), pulseId: pixels.pulseId, sequence: pixels.sequence };
    } catch (error) {
      missing = (error as Error).message;
    }
    // The picture may be another one by now.
    if (this.panel.shows !== channel || this.shown?.channel !== channel) return;
    if (found === null) return this.panel.update(null, missing);
    const same = this.values !== null && this.values.pulse.sequence === found.sequence ? this.values : null;
    this.panel.update({
      pulse: { ...pulse, pulseId: found.pulseId, sequence: found.sequence },
      scalars: same?.scalars ?? new Map(),
      arrays: new Map([...(same?.arrays ?? []), [channel, found.array]]),
      omitted: new Map(),
    });
  }
}
