/** Colours and levels below the picture, in step with the colour bar. */

import type { Colours, Shown } from "../../contract";
import { isInteger } from "../../protocol/dtypes";
import type { ColourBar } from "./colour-bar";
import { COLOUR_MAP_GROUPS, COLOUR_MAPS, gradientStops, isColourMap } from "./colour-maps";
import { ColourPanel } from "./colour-panel";
import { Disclosure } from "../../ui/disclosure";
import { el, setAttribute } from "../../ui/dom";
import { icon } from "../../ui/icons";
import { LevelControls } from "./level-controls";
import { NumberField } from "../../ui/number-field";
import { isGamma, SCALES } from "./settings";

const SCALE = "Scale of the colours";
const MORE = "More about colours and levels";
/** Upright or on its side. */
const PHONE = "(max-width: 760px), (max-height: 520px)";

export class ColourControls {
  private readonly map = el(
    "select",
    { id: "colour-map", "aria-label": "Colour map", "data-testid": "colour-map", title: "Colour map" },
    ...COLOUR_MAP_GROUPS.map(([label, names]) =>
      el("optgroup", { label }, ...names.map((name) => el("option", { value: name }, name))),
    ),
  );
  private readonly swatch = el("span", { class: "swatch", "aria-hidden": "true" });
  private readonly inverse = el(
    "button",
    { type: "button", class: "button toggle", "data-testid": "colours-invert", title: "Turn the colour map round" },
    "Invert",
  );
  private readonly scale = el(
    "select",
    { id: "colour-scale", "aria-label": SCALE, "data-testid": "colour-scale", title: SCALE },
    ...SCALES.map((name) => el("option", { value: name }, name)),
  );
  private readonly gamma = new NumberField({
    label: "Exponent of the scale",
    testid: "colour-gamma",
    step: 0.1,
    current: () => this.colours.gamma,
    take: (gamma) => {
      if (!isGamma(gamma)) return "The exponent lies between 0.05 and 10.";
      this.set({ gamma });
      return null;
    },
    complain: (text) => this.levels.complain(text),
  });
  private readonly gammaLabel = el("span", { class: "level" }, "γ", this.gamma.input);
  private readonly look = el("div", { class: "group colour-look" }, this.inverse, this.scale, this.gammaLabel);
  private readonly levels: LevelControls;
  private readonly panel = new ColourPanel((change) => this.set(change));
  private readonly more = new Disclosure(
    "colour-more",
    el(
      "button",
      { type: "button", class: "button button-icon", "data-testid": "colours-more", "aria-label": MORE, title: MORE },
      icon("more"),
    ),
    MORE,
    this.panel.element,
  );
  readonly element: HTMLElement;

  private readonly bar: ColourBar;
  private readonly onChange: (colours: Colours) => void;
  private readonly phone = matchMedia(PHONE);
  private colours: Colours;
  private shown: Shown | null = null;

  constructor(bar: ColourBar, initial: Colours, onChange: (colours: Colours) => void) {
    this.bar = bar;
    this.colours = initial;
    this.onChange = onChange;
    this.levels = new LevelControls((levels) => this.set({ levels }));
    this.element = el(
      "div",
      { class: "group colours", role: "group", "aria-label": "Colours" },
      el("div", { class: "group colour-map-group" }, this.map, this.swatch),
      this.levels.essential,
      this.more.element,
      this.levels.problem,
    );
    this.map.addEventListener("change", () => {
      if (isColourMap(this.map.value)) this.set({ colourMap: this.map.value });
    });
    this.inverse.addEventListener("click", () => this.invert());
    this.scale.addEventListener("change", () => {
      const scale = SCALES.find((name) => name === this.scale.value);
      if (scale !== undefined) this.set({ scale });
    });
    bar.onLevels = ([low, high]) => this.set({ levels: { mode: "manual", low, high } });
    bar.onAutomatic = () => this.levels.automatic();
    this.phone.addEventListener("change", () => this.arrange());
    this.arrange();
    this.draw();
  }

  /** Set from outside, as by the URL: no event. */
  apply(colours: Colours): void {
    if (colours === this.colours) return;
    this.colours = colours;
    this.draw();
  }

  /** Automatic levels from now on. */
  automatic(): void {
    this.levels.automatic();
  }

  /** Keep the levels that are on screen now. */
  fix(): void {
    this.levels.fix();
  }

  /** Turn the colour map round. */
  invert(): void {
    this.set({ inverted: !this.colours.inverted });
  }

  /** Another colour map, so many further in the list. */
  nextMap(by: number): void {
    const count = COLOUR_MAPS.length;
    const at = (((COLOUR_MAPS.indexOf(this.colours.colourMap) + by) % count) + count) % count;
    this.set({ colourMap: COLOUR_MAPS[at] ?? this.colours.colourMap });
  }

  /** The next scale, after the last one the first. */
  nextScale(): void {
    this.set({ scale: SCALES[(SCALES.indexOf(this.colours.scale) + 1) % SCALES.length] ?? "linear" });
  }

  /** Shows less of the values beside the colour bar, around the levels; a factor below 1 shows more. */
  zoomLevels(factor: number): void {
    this.bar.zoomLevels(factor);
  }

  /** Numbers of the picture on screen. */
  update(shown: Shown | null): void {
    this.shown = shown !== null && !shown.colour && shown.curve === null ? shown : null;
    this.levels.setPresent(this.shown?.levels ?? null);
    this.drawBar();
  }

  private set(change: Partial<Colours>): void {
    this.colours = { ...this.colours, ...change };
    this.draw();
    this.onChange(this.colours);
  }

  private draw(): void {
    const { colourMap, inverted, scale, levels } = this.colours;
    this.map.value = colourMap;
    this.scale.value = scale;
    this.swatch.style.setProperty("--stops", gradientStops(colourMap));
    this.swatch.classList.toggle("inverted", inverted);
    setAttribute(this.inverse, "aria-pressed", String(inverted));
    this.gammaLabel.hidden = scale !== "gamma";
    this.levels.apply(levels);
    this.gamma.draw();
    this.panel.apply(this.colours);
    this.bar.setColours(this.colours);
    this.drawBar();
  }

  private drawBar(): void {
    const { shown } = this;
    const levels = this.levels.inUse;
    this.bar.setContent(
      shown === null || levels === null
        ? null
        : {
            levels,
            range: shown.range,
            integer: isInteger(shown.sourceDtype),
            held: this.colours.levels.mode !== "auto",
          },
    );
  }

  /** On a phone only what is needed at once stands below the picture, the rest in the panel. */
  private arrange(): void {
    if (this.phone.matches) this.panel.element.before(this.look, this.levels.further);
    else {
      this.element.firstElementChild?.after(this.look);
      this.more.element.before(this.levels.further);
    }
  }
}
