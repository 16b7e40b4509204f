/** What the page and its worker need to reach the server: relative addresses, so that a proxy may mount it anywhere. */

import type { FromWorker, Orders, ToWorker } from "../contract";
import { pageBuild } from "./build-check";
import type { Settings } from "./settings";
import type { Size } from "./stage/view";

/** What the page needs of its worker. */
export interface WorkerLink {
  post(message: ToWorker, transfer?: Transferable[]): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** a fault inside of the worker, or null when it could not be started */
  onFailure(listener: (text: string | null) => void): void;
}

/** What the worker is told first. `?renderer=webgl2` or `canvas2d` in the URL overrides its choice. */
export function startOrder(canvas: OffscreenCanvas, size: Size, settings: Settings): Orders["start"] {
  const renderer = new URLSearchParams(location.search).get("renderer");
  return {
    canvas,
    url: liveUrl(),
    build: pageBuild(),
    colours: settings.colours,
    saturation: settings.saturation,
    visible: document.visibilityState === "visible",
    width: size.width,
    height: size.height,
    format: settings.format,
    ...(renderer === "webgl2" || renderer === "canvas2d" ? { renderer } : {}),
  };
}

function liveUrl(): string {
  const url = new URL("live", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = "";
  url.hash = "";
  return url.href;
}

/** Does the server answer ordinary requests? Tells a proxy that blocks WebSockets from a server that is gone. */
export async function serverAnswers(): Promise<boolean> {
  try {
    await fetch("healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
    return true;
  } catch {
    return false;
  }
}
