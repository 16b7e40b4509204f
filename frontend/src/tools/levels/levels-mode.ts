/** The ways to find levels, as one choice for the user. No DOM. */

import type { AutoRule, Levels, LevelsOf } from "../../contract";
import { AUTO_LEVELS } from "../../defaults";

export type LevelsMode = AutoRule | "full" | "manual";
export type AutoLevels = Extract<Levels, { mode: "auto" }>;

/** With what each does, in the order in which they are offered. */
export const LEVELS_MODES: readonly (readonly [mode: LevelsMode, name: string, title: string])[] = [
  ["steady", "Automatic", "From the background to the brightest pixels, without flicker"],
  ["minmax", "Min – max", "From the lowest to the highest pixel of each picture"],
  ["percentile", "Percentile", "Between two percentiles of the pixels"],
  ["sigma", "Mean ± std. dev.", "So many standard deviations around the mean"],
  ["full", "Full range", "From zero, or the lowest value of the type, to saturation or the highest"],
  ["manual", "Manual", "Levels set by hand: fields, handles on the colour bar, or Fix"],
];

export const LEVELS_OF: readonly (readonly [of: LevelsOf, name: string])[] = [
  ["image", "whole image"],
  ["visible", "visible part"],
  ["roi", "chosen ROI"],
];

export function isLevelsMode(text: string): text is LevelsMode {
  return LEVELS_MODES.some(([mode]) => mode === text);
}

export function isLevelsOf(text: string): text is LevelsOf {
  return LEVELS_OF.some(([of]) => of === text);
}

export function modeOf(levels: Levels): LevelsMode {
  return levels.mode === "auto" ? levels.rule : levels.mode;
}

/** Remembers the numbers of the automatic rules while levels are set in another way. */
export class AutoMemory {
  private last: AutoLevels = AUTO_LEVELS as AutoLevels;

  note(levels: Levels): void {
    if (levels.mode === "auto") this.last = levels;
  }

  get now(): AutoLevels {
    return this.last;
  }

  /** The levels of a mode; `present`: those on screen, which manual levels begin with. Null: there are none. */
  levelsFor(mode: LevelsMode, present: [number, number] | null): Levels | null {
    if (mode === "full") return { mode };
    if (mode === "manual") return present === null ? null : fixedLevels(present);
    return { ...this.last, rule: mode };
  }
}

/** Manual levels at present ones, which may be equal. */
export function fixedLevels([low, high]: [number, number]): Levels {
  return { mode: "manual", low, high: high > low ? high : low + (Math.abs(low) * 1e-6 || 1) };
}
