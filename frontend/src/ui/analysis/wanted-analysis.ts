/** What is to be computed of the pictures, which follows from the settings, the axes and what somebody sees. No DOM. */

import { computed, effect, signal } from "@preact/signals-core";
import type { AnalysisWish, Levels } from "../../contract";
import { TOOL_NAMES } from "../../tools/switches";
import type { Settings, SettingsStore } from "../settings";
import { type Axes, PIXEL_AXES } from "../stage/measure";
import { type Seen, wishOf } from "./analysis-wish";

/** What levels of another kind want computed: nothing. So a level that is dragged asks for nothing new. */
const OWN_LEVELS: Levels = { mode: "full" };

/** What is computed depends on all of these settings. */
const PLAIN = ["projections", "rois", "roi", "line", ...TOOL_NAMES] as const;

export class WantedAnalysis {
  private readonly axes = signal<Axes>(PIXEL_AXES);
  private readonly histogram = signal(false);
  private readonly regions = signal(false);
  private readonly wish;

  constructor({ signals }: SettingsStore) {
    const levels = computed(() => {
      const { levels: all } = signals.colours.value;
      return all.mode === "auto" ? all : OWN_LEVELS;
    });
    this.wish = computed(() => {
      const values = Object.fromEntries(PLAIN.map((name) => [name, signals[name].value]));
      const settings = { ...(values as Pick<Settings, (typeof PLAIN)[number]>), colours: { levels: levels.value } };
      return wishOf(settings, this.axes.value, { histogram: this.histogram.value, regions: this.regions.value });
    });
  }

  get now(): AnalysisWish {
    return this.wish.peek();
  }

  setAxes(axes: Axes): void {
    this.axes.value = axes;
  }

  setSeen({ histogram, regions }: Seen): void {
    this.histogram.value = histogram;
    this.regions.value = regions;
  }

  /** Calls now, and whenever something else is wanted. */
  follow(listener: (wish: AnalysisWish) => void): void {
    effect(() => listener(this.wish.value));
  }
}
