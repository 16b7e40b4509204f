/** Keeps the URL's fragment and the settings in step. */

import type { Settings, SettingsStore } from "../settings";
import { formatHash, parseHash } from "./url-state";

/** Dragging a picture changes the view sixty times a second; the URL follows when it rests. */
const DELAY_MS = 400;

/** `onChange`: somebody edited the URL or followed a link to another view. */
export function rememberInUrl(store: SettingsStore, onChange: (settings: Settings) => void): void {
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
      onChange(parseHash(location.hash));
    } finally {
      reading = false;
    }
  });
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
