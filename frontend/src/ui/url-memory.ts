/** Keeps the URL's fragment and the page in step. */

import { formatHash, parseHash, type UrlState } from "./url-state";

/** Dragging a picture changes the view sixty times a second; the URL follows when it rests. */
const DELAY_MS = 400;

export class UrlMemory {
  private state = parseHash(location.hash);
  private timer: number | undefined;

  /** `onChange`: somebody edited the URL or followed a link to another view. */
  constructor(onChange: (state: UrlState) => void) {
    window.addEventListener("hashchange", () => {
      window.clearTimeout(this.timer);
      this.state = parseHash(location.hash);
      onChange(this.state);
    });
  }

  get current(): UrlState {
    return this.state;
  }

  remember(change: Partial<UrlState>): void {
    this.state = { ...this.state, ...change };
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.write(), DELAY_MS);
  }

  private write(): void {
    const hash = formatHash(this.state);
    if (hash === location.hash) return;
    // Browsers allow only so many changes in a time; a view that is not kept in the URL is no fault.
    try {
      history.replaceState(null, "", `${location.pathname}${location.search}${hash}`);
    } catch {
      return;
    }
  }
}
