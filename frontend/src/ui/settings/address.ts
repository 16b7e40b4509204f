/** What the page remembers in the URL behind "#": enough to send somebody the same view. Broken parts are ignored. */

import { eachSetting, SETTING_NAMES, SETTINGS, type Settings } from ".";
import type { Setting } from "./setting";

export function parseHash(hash: string): Settings {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  return eachSetting((setting) => setting.read(parameters));
}

/** Only what differs from the defaults; "" when nothing does. */
export function formatHash(settings: Settings): string {
  const parameters = new URLSearchParams();
  for (const name of SETTING_NAMES) {
    (SETTINGS[name] as Setting<unknown>).write(settings[name], parameters, settings.rois);
  }
  // Commas and colons are legal in a fragment and common in channel names; encoded they only make the URL hard to read.
  const text = parameters.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
  return text === "" ? "" : `#${text}`;
}
