/** Keeps the URL's fragment and the settings in step. */

import { type Settings, SETTING_NAMES, type SettingsStore } from ".";
import { formatHash, parseHash } from "./address";

/** Dragging a picture changes the view sixty times a second; the URL follows when it rests. */
const DELAY_MS = 400;

/** The URL follows the settings, and they follow it when somebody edits it or takes a link to another view. */
export function rememberInUrl(store: SettingsStore): void {
  let timer: number | undefined;
  let reading = false;
  store.listen(() => {
    if (reading) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => write(store.now), DELAY_MS);
  });
  window.addEventListener("hashchange", () => {
    window.clearTimeout(timer);
    reading = true;
    try {
      store.set(differing(parseHash(location.hash), store.now));
    } finally {
      reading = false;
    }
  });
}

/** Of the settings of an address, those that say something else than what is set. */
function differing(next: Settings, now: Settings): Partial<Settings> {
  const names = SETTING_NAMES.filter((name) => JSON.stringify(next[name]) !== JSON.stringify(now[name]));
  return Object.fromEntries(names.map((name) => [name, next[name]]));
}

function write(settings: Settings): void {
  const hash = formatHash(settings);
  if (hash === location.hash) return;
  // Browsers allow only so many changes in a time; a view that is not kept in the URL is no fault.
  try {
    history.replaceState(null, "", `${location.pathname}${location.search}${hash}`);
  } catch {
    return;
  }
}
