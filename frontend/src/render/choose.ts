import { Canvas2DRenderer } from "./canvas2d";
import type { Look, Picture, Renderer, RendererEvents, RendererName } from "./renderer";
import { WebGLRenderer } from "./webgl";

/** Parts of the names of drivers that draw with the processor. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
/** WebGL has to win by this factor where both use the processor; it is the one with more that can go wrong. */
const MARGIN = 1.2;
const RUNS = 3;
const NO_EVENTS: RendererEvents = { lost: () => undefined, restored: () => undefined };

/**
 * Makes the renderer for this machine: WebGL2 with a graphics card, Canvas 2D without WebGL2, and where WebGL2 runs
 * on the processor the one that draws this picture faster.
 *
 * @param wish what the user asked for; taken if it works
 */
export function chooseRenderer(
  canvas: OffscreenCanvas, picture: Picture, look: Look, wish: RendererName | null, events: RendererEvents,
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
  const driver = webglDriver();
  if (driver === null) return "canvas2d";
  if (!SOFTWARE.test(driver)) return "webgl2";
  try {
    const scratch = new OffscreenCanvas(canvas.width, canvas.height);
    const webgl = measure(new WebGLRenderer(scratch, NO_EVENTS), picture, look);
    release(scratch.getContext("webgl2"));
    const twoD = measure(new Canvas2DRenderer(new OffscreenCanvas(canvas.width, canvas.height)), picture, look);
    return webgl * MARGIN < twoD ? "webgl2" : "canvas2d";
  } catch {
    return "canvas2d";
  }
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

/** Shortest time in ms to take over and draw a picture, after a first time that compiles and allocates. */
function measure(renderer: Renderer, picture: Picture, look: Look): number {
  let best = Infinity;
  for (let run = 0; run <= RUNS; run++) {
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
