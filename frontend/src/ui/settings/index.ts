/**
 * All settings: everything that a person has set on the page, each declared once, in a module of its subject. The store,
 * the address of the page, what the workers are told and what is as usual follow from this list.
 */

import type { Orders } from "../../contract";
import type { Senders } from "../../contract/kinds";
import { line, processing, projections, roi, rois } from "./analysis";
import { colours, saturation } from "./colours";
import { colour, focus, format, image, slice } from "./picture";
import type { Setting } from "./setting";
import { stream } from "./stream";
import { axes, calibration, markers, orientation, reticle, ruler } from "./view";

export type { LineSettings, ProjectionSettings } from "./analysis";
export { SettingsStore } from "./store";
export type { Calibration, Place } from "./view";

/** In the order of the address. */
export const SETTINGS = {
  colours,
  saturation,
  image,
  slice,
  format,
  colour,
  focus,
  orientation,
  axes,
  reticle,
  markers,
  ruler,
  calibration,
  projections,
  rois,
  roi,
  line,
  processing,
  stream,
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
