import type { Image } from "../decode/image";
import { writeDistances } from "./distances";
import { FLOAT32_MAX, type Origin } from "./levels";
import type { Picture } from "./renderer";
import type { SamplerKind } from "./shaders";

/** A texture format that holds a type without loss; of 64-bit types it holds the distances from a base. */
export interface TextureFormat {
  sampler: SamplerKind;
  internal: number;
  format: number;
  type: number;
}

type Gl = WebGL2RenderingContext;

/**
 * Part of the picture that has a texture of its own. The texture holds some pixels more, of the tiles right of it and
 * below: those of a block that begins in this one.
 */
export interface Tile {
  texture: WebGLTexture;
  x: number;
  y: number;
  width: number;
  height: number;
  held: { width: number; height: number };
}

/**
 * Pixels more that a texture holds where there are several: a picture that is reduced more than this shows the rest of
 * the block only within its tile.
 */
const SHARED = 64;

function textureFormat(gl: Gl, image: Image): TextureFormat {
  const colour = { sampler: "colour", type: gl.UNSIGNED_BYTE } as const;
  if (image.channels === 3) return { ...colour, internal: gl.RGB8UI, format: gl.RGB_INTEGER };
  if (image.channels === 4) return { ...colour, internal: gl.RGBA8UI, format: gl.RGBA_INTEGER };
  const integer = (sampler: SamplerKind, internal: number, type: number): TextureFormat => {
    return { sampler, internal, format: gl.RED_INTEGER, type };
  };
  switch (image.dtype) {
    case "bool":
    case "uint8":
      return integer("uint", gl.R8UI, gl.UNSIGNED_BYTE);
    case "int8":
      return integer("int", gl.R8I, gl.BYTE);
    case "uint16":
      return integer("uint", gl.R16UI, gl.UNSIGNED_SHORT);
    case "int16":
      return integer("int", gl.R16I, gl.SHORT);
    case "uint32":
      return integer("uint", gl.R32UI, gl.UNSIGNED_INT);
    case "int32":
      return integer("int", gl.R32I, gl.INT);
    default:
      return { sampler: "float", internal: gl.R32F, format: gl.RED, type: gl.FLOAT };
  }
}

/** The textures of a picture: made anew only when its size or format changes, else updated in place. */
export class PictureTextures {
  tiles: Tile[] = [];
  format: TextureFormat | null = null;
  private readonly gl: Gl;
  private readonly limit: number;
  private columns = 0;
  private rows = 0;
  private floats = new Float32Array(0);

  constructor(gl: Gl, limit: number) {
    this.gl = gl;
    this.limit = limit;
  }

  /** @param origin of floats and 64-bit integers: what is taken off before they are rounded to 32-bit floats */
  upload(picture: Picture, origin: Origin): void {
    const { gl } = this;
    const { image } = picture;
    const format = textureFormat(gl, image);
    if (format.internal !== this.format?.internal || image.columns !== this.columns || image.rows !== this.rows) {
      this.release();
      this.format = format;
      this.columns = image.columns;
      this.rows = image.rows;
      this.tiles = this.makeTiles(format);
    }
    const data = format.sampler === "float" ? this.asFloats(picture, origin) : picture.numbers;
    gl.activeTexture(gl.TEXTURE0);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, image.columns);
    for (const tile of this.tiles) {
      gl.bindTexture(gl.TEXTURE_2D, tile.texture);
      gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, tile.x);
      gl.pixelStorei(gl.UNPACK_SKIP_ROWS, tile.y);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, tile.held.width, tile.held.height, format.format, format.type, data);
    }
    gl.pixelStorei(gl.UNPACK_ROW_LENGTH, 0);
    gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, 0);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, 0);
  }

  release(): void {
    for (const tile of this.tiles) this.gl.deleteTexture(tile.texture);
    this.tiles = [];
    this.format = null;
  }

  private makeTiles(format: TextureFormat): Tile[] {
    const tiles: Tile[] = [];
    const columns = cut(this.columns, this.limit);
    for (const { first: y, length: height, held: heldRows } of cut(this.rows, this.limit)) {
      for (const { first: x, length: width, held: heldColumns } of columns) {
        const texture = makeTexture(this.gl, format.internal, heldColumns, heldRows);
        tiles.push({ texture, x, y, width, height, held: { width: heldColumns, height: heldRows } });
      }
    }
    return tiles;
  }

  private asFloats(picture: Picture, origin: Origin): Float32Array {
    const { numbers, range } = picture;
    const plain = origin.base === 0 && origin.unit === 1;
    if (plain && numbers instanceof Float32Array) return numbers;
    if (this.floats.length < numbers.length) this.floats = new Float32Array(numbers.length);
    const floats = this.floats.subarray(0, numbers.length);
    const fits = range === null || (range[0] >= -FLOAT32_MAX && range[1] <= FLOAT32_MAX);
    if (plain && fits) floats.set(numbers);
    else writeDistances(picture, origin, floats);
    return floats;
  }
}

/** One axis in parts that fit into textures of `limit` pixels. */
function cut(length: number, limit: number): { first: number; length: number; held: number }[] {
  if (length <= limit) return [{ first: 0, length, held: length }];
  const own = limit - SHARED;
  return Array.from({ length: Math.ceil(length / own) }, (_, part) => {
    const first = part * own;
    return { first, length: Math.min(own, length - first), held: Math.min(limit, length - first) };
  });
}

/** A texture that is read pixel by pixel, of a size that never changes. */
export function makeTexture(gl: Gl, internal: number, width: number, height: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, internal, width, height);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}
