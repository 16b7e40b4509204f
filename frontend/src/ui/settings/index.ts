/**
 * All settings: everything that a person has set on the page, each declared once, in a module of its subject. The store,
 * the address of the page, what the workers are told and what is as usual follow from this list.
 */

import type { Orders } from "../../contract";
import type { Senders } from "../../contract/kinds";
import { axesSettings } from "../../tools/axes/settings";
import { correctionSettings } from "../../tools/corrections/settings";
import { levelSettings } from "../../tools/levels/settings";
import { lineCutSettings } from "../../tools/line-cut/settings";
import { markerSettings } from "../../tools/markers/settings";
import { projectionSettings } from "../../tools/projections/settings";
import { regionSettings } from "../../tools/regions/settings";
import { reticleSettings } from "../../tools/reticle/settings";
import { rulerSettings } from "../../tools/ruler/settings";
import { streamResultSettings } from "../../tools/stream-results/settings";
import { TOOL_SWITCHES } from "../../tools/switches";
import { colour, focus, format, image, slice } from "./picture";
import type { Setting } from "./setting";
import { calibration, orientation } from "./view";

export { SettingsStore } from "./store";
export type { Place } from "./place";
export type { Calibration } from "./view";

/** In the order of an address; those of a tool are an object of its folder. */
export const SETTINGS = {
  ...levelSettings,
  image,
  slice,
  format,
  colour,
  focus,
  orientation,
  ...axesSettings,
  ...reticleSettings,
  ...markerSettings,
  ...rulerSettings,
  calibration,
  ...projectionSettings,
  ...regionSettings,
  ...lineCutSettings,
  ...correctionSettings,
  ...streamResultSettings,
  ...TOOL_SWITCHES,
};

export type Settings = {
  [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name] extends Setting<infer Value> ? Value : never;
};
export type SettingName = keyof Settings;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** All settings, each made by a function that is given its name and declaration. */
export function eachSetting(make: (setting: Setting<unknown>, name: SettingName) => unknown): Settings {
  return Object.fromEntries(
    SETTING_NAMES.map((name) => [name, make(SETTINGS[name] as Setting<unknown>, name)]),
  ) as Settings;
}

export const DEFAULT_SETTINGS: Settings = eachSetting(({ usual }) => usual);

/** Tells the picture worker of the settings that differ. */
export function tellWorker(worker: Senders<Orders>, now: Settings, before: Settings): void {
  for (const name of SETTING_NAMES) {
    if (now[name] !== before[name]) (SETTINGS[name] as Setting<unknown>).tell?.(worker, now[name]);
  }
}

/** Whether another picture is wanted than before. */
export function endsPause(now: Settings, before: Settings): boolean {
  return SETTING_NAMES.some((name) => now[name] !== before[name] && SETTINGS[name].endsPause === true);
}
