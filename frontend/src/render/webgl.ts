import type { Reduce } from "../contract";
import { PALETTE_LENGTH } from "./colourmaps";
import { PictureScale, type Scale, THRESHOLDS } from "./levels";
import { isReduced } from "./reduce";
import type { Look, Picture, Renderer, RendererEvents } from "./renderer";
import { BYTES, isWideColour, ShadedPicture } from "./shades";
import { fragmentShader, type SamplerKind, VERTEX_SHADER } from "./shaders";
import { makeTexture, PictureTextures } from "./textures";
import { coveredRange, pixelSize, type ShownAxis, shownAxes, shownRange } from "./view";

type Gl = WebGL2RenderingContext;

const UNIFORMS = [
  "u_picture",
  "u_colours",
  "u_thresholds",
  "u_searched",
  "u_size",
  "u_origin",
  "u_inverse",
  "u_transpose",
  "u_sign",
  "u_add",
  "u_count",
  "u_binning",
  "u_tile",
  "u_held",
  "u_base",
  "u_offset",
  "u_factor",
  "u_top",
] as const;

interface Program {
  program: WebGLProgram;
  at: Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
}

/** What belongs to one life of the context. */
interface Resources {
  textures: PictureTextures;
  colourTexture: WebGLTexture;
  /** the table that `colourTexture` holds */
  colours: Uint8Array | null;
  thresholdTexture: WebGLTexture;
  /** what `thresholdTexture` holds */
  thresholds: Float32Array | null;
  programs: Map<string, Program>;
  vertices: WebGLVertexArrayObject;
}

/** Draws with WebGL2: one persistent texture for each picture size and type, everything else uniforms. */
export class WebGLRenderer implements Renderer {
  readonly name = "webgl2";
  private readonly canvas: OffscreenCanvas;
  private readonly gl: Gl;
  /** null while the context is lost */
  private resources: Resources | null;
  private picture: Picture | null = null;
  /** what the pixels in the textures were made for; null: they are of another picture */
  private uploaded: Scale | null = null;
  /** palette of the colour for what is not finite in them, of colours that are no bytes */
  private uploadedColours: Uint8Array | null = null;
  private readonly shaded = new ShadedPicture();
  private readonly scales = new PictureScale();

  /** @throws Error if there is no WebGL2 */
  constructor(canvas: OffscreenCanvas, events: RendererEvents) {
    const gl = canvas.getContext("webgl2", {
      alpha: true,
      antialias: false,
      depth: false,
      stencil: false,
      powerPreference: "high-performance",
    });
    if (gl === null) throw new Error("there is no WebGL2");
    this.canvas = canvas;
    this.gl = gl;
    this.resources = makeResources(gl);
    canvas.addEventListener("webglcontextlost", (event) => {
      // Without this the browser never gives the context back.
      event.preventDefault();
      this.resources = null;
      events.lost();
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.resources = makeResources(gl);
      this.uploaded = null;
      events.restored();
    });
  }

  resize(width: number, height: number): void {
    this.canvas.width = Math.max(1, width);
    this.canvas.height = Math.max(1, height);
  }

  setPicture(picture: Picture): void {
    this.picture = picture;
    this.uploaded = null;
  }

  clear(): void {
    this.picture = null;
    this.gl.disable(this.gl.SCISSOR_TEST);
    this.gl.clearColor(0, 0, 0, 0);
    this.gl.clear(this.gl.COLOR_BUFFER_BIT);
  }

  draw(look: Look): void {
    const { gl, resources, picture } = this;
    const { width, height } = this.canvas;
    gl.viewport(0, 0, width, height);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (resources === null || picture === null) return;
    const { scale, offsetX, offsetY, orientation } = look.view;
    const colourScale = this.upload(resources, picture, look);
    const { format } = resources.textures;
    if (format === null) return;
    this.setColours(resources, look.colours);
    this.setThresholds(resources, colourScale.thresholds);
    const reduce = isReduced(look.reduce, scale) ? look.reduce : "nearest";
    const { program, at } = programFor(gl, resources, format.sampler, reduce);
    const { across, down } = shownAxes(picture.place, orientation);
    const size = pixelSize(picture.place, look.view);
    const { transpose } = orientation;
    const [columns, rows] = transpose ? [down, across] : [across, down];
    gl.useProgram(program);
    gl.bindVertexArray(resources.vertices);
    gl.uniform1i(at.u_picture, 0);
    gl.uniform1i(at.u_colours, 1);
    gl.uniform1i(at.u_thresholds, 2);
    gl.uniform1i(at.u_searched, colourScale.factor === null ? 1 : 0);
    gl.uniform2f(at.u_size, width, height);
    gl.uniform2f(at.u_origin, offsetX, offsetY);
    gl.uniform2f(at.u_inverse, 1 / size.x, 1 / size.y);
    gl.uniform1i(at.u_transpose, transpose ? 1 : 0);
    gl.uniform2i(at.u_sign, columns.sign, rows.sign);
    gl.uniform2i(at.u_add, columns.add, rows.add);
    gl.uniform2i(at.u_count, columns.count, rows.count);
    gl.uniform1i(at.u_binning, picture.place.binning);
    // What is drawn as floats had its base taken off on the way to the texture.
    const base = colourScale.integer ? colourScale.base : 0;
    if (format.sampler === "int") gl.uniform1i(at.u_base, base);
    else gl.uniform1ui(at.u_base, base);
    gl.uniform1f(at.u_offset, colourScale.offset);
    gl.uniform1f(at.u_factor, colourScale.factor ?? 0);
    gl.uniform1f(at.u_top, colourScale.top);
    gl.enable(gl.SCISSOR_TEST);
    gl.activeTexture(gl.TEXTURE0);
    for (const tile of resources.textures.tiles) {
      const [x, y] = transpose ? [tile.y, tile.x] : [tile.x, tile.y];
      const [tileWidth, tileHeight] = transpose ? [tile.height, tile.width] : [tile.width, tile.height];
      const [left, right] = covered(across, x, tileWidth, offsetX, size.x, width);
      const [top, bottom] = covered(down, y, tileHeight, offsetY, size.y, height);
      if (left >= right || top >= bottom) continue;
      gl.scissor(left, height - bottom, right - left, bottom - top);
      gl.uniform4i(at.u_tile, tile.x, tile.y, tile.width, tile.height);
      gl.uniform2i(at.u_held, tile.held.width, tile.held.height);
      gl.bindTexture(gl.TEXTURE_2D, tile.texture);
      gl.drawArrays(gl.TRIANGLES, 0, 3);
    }
  }

  finish(): void {
    this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  /**
   * Sends a picture once; one of floats again when its levels went so far that something else has to be taken off, and
   * one whose colours are no bytes whenever its levels change. Returns the scale for what was sent.
   */
  private upload({ textures }: Resources, picture: Picture, look: Look): Scale {
    const { uploaded } = this;
    const scale = this.scales.of(picture, look);
    if (isWideColour(picture)) {
      const shaded = this.shaded.of(picture, scale, look.colours);
      if (uploaded !== scale || this.uploadedColours !== look.colours) textures.upload(shaded, BYTES);
      [this.uploaded, this.uploadedColours] = [scale, look.colours];
      return BYTES;
    }
    const same = uploaded !== null && (scale.integer || (uploaded.base === scale.base && uploaded.unit === scale.unit));
    if (!same) textures.upload(picture, scale);
    this.uploaded = scale;
    return scale;
  }

  /** The colour map stays bound to the second texture unit; it is sent when it changed. */
  private setColours(resources: Resources, colours: Uint8Array): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, resources.colourTexture);
    if (resources.colours === colours) return;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, colours.length / 4, 1, gl.RGBA, gl.UNSIGNED_BYTE, colours);
    resources.colours = colours;
  }

  /** The same for the boundaries between the colours, on the third unit. */
  private setThresholds(resources: Resources, thresholds: Float32Array): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, resources.thresholdTexture);
    if (resources.thresholds === thresholds) return;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, THRESHOLDS, 1, gl.RED, gl.FLOAT, thresholds);
    resources.thresholds = thresholds;
  }
}

/** Range of canvas pixels that may show so many pixels of a picture along one axis. */
function covered(
  axis: ShownAxis,
  first: number,
  count: number,
  offset: number,
  scale: number,
  length: number,
): [number, number] {
  const [from, to] = shownRange(axis, first, count);
  return coveredRange(from, to - from, offset, scale, length);
}

function makeResources(gl: Gl): Resources {
  return {
    textures: new PictureTextures(gl, gl.getParameter(gl.MAX_TEXTURE_SIZE) as number),
    colourTexture: makeTexture(gl, gl.RGBA8, PALETTE_LENGTH, 1),
    colours: null,
    thresholdTexture: makeTexture(gl, gl.R32F, THRESHOLDS, 1),
    thresholds: null,
    programs: new Map(),
    vertices: gl.createVertexArray(),
  };
}

function programFor(gl: Gl, resources: Resources, kind: SamplerKind, reduce: Reduce): Program {
  const key = `${kind} ${reduce}`;
  const present = resources.programs.get(key);
  if (present !== undefined) return present;
  const program = gl.createProgram();
  const sources = [
    [gl.VERTEX_SHADER, VERTEX_SHADER],
    [gl.FRAGMENT_SHADER, fragmentShader(kind, reduce)],
  ] as const;
  for (const [type, source] of sources) {
    const shader = gl.createShader(type);
    if (shader === null) break;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(`a shader does not compile: ${gl.getShaderInfoLog(shader)}`);
    }
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`a shader does not link: ${gl.getProgramInfoLog(program)}`);
  }
  const at = Object.fromEntries(UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)])) as Program["at"];
  const made = { program, at };
  resources.programs.set(key, made);
  return made;
}
