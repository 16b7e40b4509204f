import { Canvas2DRenderer } from "./canvas2d";
import type { Look, Picture, Renderer, RendererEvents, RendererName } from "./renderer";
import { WebGLRenderer } from "./webgl";

/** Parts of the names of drivers that draw with the processor. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
/** WebGL has to win by this factor where both use the processor; it is the one with more that can go wrong. */
const MARGIN = 1.2;
const RUNS = 3;
/**
 * Where both use the processor, a Canvas 2D that draws the picture within so many ms is taken as it is: to measure WebGL
 * takes 100 ms, for which the first picture would have to wait.
 */
const QUICK_MS = 5;
const NO_EVENTS: RendererEvents = { lost: () => undefined, restored: () => undefined };

/**
 * Makes the renderer for this machine: WebGL2 with a graphics card, Canvas 2D without WebGL2, and where WebGL2 runs
 * on the processor the one that draws this picture faster.
 *
 * @param wish what the user asked for; taken if it works
 */
export function chooseRenderer(
  canvas: OffscreenCanvas,
  picture: Picture,
  look: Look,
  wish: RendererName | null,
  events: RendererEvents,
): Renderer {
  const name = wish ?? fastest(canvas, picture, look);
  if (name === "webgl2") {
    try {
      return new WebGLRenderer(canvas, events);
    } catch {
      // Without a context on it the canvas can still be drawn on by other means.
    }
  }
  return new Canvas2DRenderer(canvas);
}

function fastest(canvas: OffscreenCanvas, picture: Picture, look: Look): RendererName {
  const name = driver();
  if (name === null) return "canvas2d";
  if (!SOFTWARE.test(name)) return "webgl2";
  const { width, height } = canvas;
  try {
    const twoD = measure(new Canvas2DRenderer(new OffscreenCanvas(width, height)), picture, look, QUICK_MS);
    if (twoD <= QUICK_MS) return "canvas2d";
    const scratch = new OffscreenCanvas(width, height);
    const webgl = measure(new WebGLRenderer(scratch, NO_EVENTS), picture, look, 0);
    release(scratch.getContext("webgl2"));
    return webgl * MARGIN < twoD ? "webgl2" : "canvas2d";
  } catch {
    return "canvas2d";
  }
}

/** Asks for the driver, which takes a while, before there is a picture. */
export function prepareChoice(): void {
  driver();
}

let asked: string | null | undefined;

function driver(): string | null {
  if (asked === undefined) asked = webglDriver();
  return asked;
}

/** Name of the WebGL2 driver, null if there is none. A canvas keeps its first context, so this asks one of its own. */
function webglDriver(): string | null {
  try {
    const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
    if (gl === null) return null;
    const details = gl.getExtension("WEBGL_debug_renderer_info");
    const name: unknown = gl.getParameter(details === null ? gl.RENDERER : details.UNMASKED_RENDERER_WEBGL);
    release(gl);
    return String(name);
  } catch {
    return null;
  }
}

/**
 * Shortest time in ms to take over and draw a picture, after a first time that compiles and allocates; ends with the
 * first that is `enough`.
 */
function measure(renderer: Renderer, picture: Picture, look: Look, enough: number): number {
  let best = Infinity;
  for (let run = 0; run <= RUNS && best > enough; run++) {
    const start = performance.now();
    renderer.setPicture(picture);
    renderer.draw(look);
    renderer.finish();
    if (run > 0) best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Gives a context back at once; browsers allow few of them. */
function release(gl: WebGL2RenderingContext | null): void {
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
}
