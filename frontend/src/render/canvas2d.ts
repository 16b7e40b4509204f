import type { DType } from "../contract";
import { NAN_COLOUR, NEGATIVE_INFINITY_COLOUR, POSITIVE_INFINITY_COLOUR, type Rgb } from "./colourmaps";
import { colourIndex, pictureScale, type Scale } from "./levels";
import type { Look, Picture, Renderer } from "./renderer";
import { pixelMap } from "./view";

const OPAQUE = 0xff000000;
const NAN_PIXEL = pack(NAN_COLOUR);
const POSITIVE_PIXEL = pack(POSITIVE_INFINITY_COLOUR);
const NEGATIVE_PIXEL = pack(NEGATIVE_INFINITY_COLOUR);

/** Types of at most 16 bits: every value has its place in a look-up table, the lowest value the first. */
const TABLED: Partial<Record<DType, { first: number; count: number }>> = {
  bool: { first: 0, count: 256 },
  uint8: { first: 0, count: 256 },
  int8: { first: -128, count: 256 },
  uint16: { first: 0, count: 65536 },
  int16: { first: -32768, count: 65536 },
};

type Context = OffscreenCanvasRenderingContext2D;

/** Colours every pixel of the canvas by itself; where there is no graphics card this is as fast as WebGL, or faster. */
export class Canvas2DRenderer implements Renderer {
  readonly name = "canvas2d";
  private readonly canvas: OffscreenCanvas;
  private readonly context: Context;
  private picture: Picture | null = null;
  private target: ImageData;
  private pixels: Uint32Array;
  private columns = new Int32Array(0);
  private rows = new Int32Array(0);
  private palette = new Uint32Array(256);
  private lookUp = new Uint32Array(0);
  /** what `lookUp` was made for */
  private lookUpKey = "";
  private lookUpColours: Uint8Array | null = null;

  /** @throws Error if the canvas already has a context of another kind */
  constructor(canvas: OffscreenCanvas) {
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("the canvas has no 2D context");
    this.canvas = canvas;
    this.context = context;
    this.target = new ImageData(1, 1);
    this.pixels = new Uint32Array(1);
    this.resize(canvas.width, canvas.height);
  }

  resize(width: number, height: number): void {
    this.canvas.width = Math.max(1, width);
    this.canvas.height = Math.max(1, height);
    this.target = new ImageData(this.canvas.width, this.canvas.height);
    this.pixels = new Uint32Array(this.target.data.buffer);
    this.columns = new Int32Array(this.canvas.width);
    this.rows = new Int32Array(this.canvas.height);
  }

  setPicture(picture: Picture): void {
    this.picture = picture;
  }

  clear(): void {
    this.picture = null;
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  draw(look: Look): void {
    if (this.picture === null) return this.clear();
    const { image, place } = this.picture;
    const { scale, offsetX, offsetY } = look.view;
    pixelMap(this.columns, offsetX, scale, place.x, place.width, place.binning);
    pixelMap(this.rows, offsetY, scale, place.y, place.height, place.binning);
    const from = this.columns.findIndex((column) => column >= 0);
    const to = this.columns.findLastIndex((column) => column >= 0) + 1;
    const paint = this.painter(this.picture, look);
    const width = this.canvas.width;
    let before = -1;
    for (let y = 0; y < this.rows.length; y++) {
      const row = this.rows[y]!;
      const line = y * width;
      if (row < 0 || from < 0) {
        this.pixels.fill(0, line, line + width);
      } else if (row === before) {
        this.pixels.copyWithin(line, line - width, line);
      } else {
        this.pixels.fill(0, line, line + from);
        paint(row * image.columns, line, from, to);
        this.pixels.fill(0, line + to, line + width);
      }
      before = from < 0 ? -1 : row;
    }
    this.context.putImageData(this.target, 0, 0);
  }

  finish(): void {
    this.context.getImageData(0, 0, 1, 1);
  }

  /** Returns what paints the canvas pixels [from, to) of a line with the picture's row that begins at `start`. */
  private painter(picture: Picture, look: Look): (start: number, line: number, from: number, to: number) => void {
    const { image, numbers } = picture;
    const { pixels, columns } = this;
    const scale = pictureScale(picture, look.levels);
    if (image.channels !== 1) {
      const channels = image.channels;
      const shades = Uint32Array.from({ length: 256 }, (_, value) => colourIndex(value, scale));
      return (start, line, from, to) => {
        for (let x = from; x < to; x++) {
          const at = (start + columns[x]!) * channels;
          const [red, green, blue] = [shades[numbers[at]!]!, shades[numbers[at + 1]!]!, shades[numbers[at + 2]!]!];
          pixels[line + x] = red | (green << 8) | (blue << 16) | OPAQUE;
        }
      };
    }
    const tabled = TABLED[image.dtype];
    if (tabled !== undefined) {
      const { first } = tabled;
      const table = this.tableFor(image.dtype, tabled, scale, look);
      return (start, line, from, to) => {
        for (let x = from; x < to; x++) pixels[line + x] = table[numbers[start + columns[x]!]! - first]!;
      };
    }
    this.fillPalette(look.colours);
    const { palette } = this;
    return (start, line, from, to) => {
      for (let x = from; x < to; x++) {
        const value = numbers[start + columns[x]!]!;
        if (value - value === 0) pixels[line + x] = palette[colourIndex(value, scale)]!;
        else pixels[line + x] = value > 0 ? POSITIVE_PIXEL : value < 0 ? NEGATIVE_PIXEL : NAN_PIXEL;
      }
    };
  }

  private tableFor(dtype: DType, tabled: { first: number; count: number }, scale: Scale, look: Look): Uint32Array {
    const key = `${dtype} ${scale.base} ${scale.offset} ${scale.factor}`;
    if (key === this.lookUpKey && look.colours === this.lookUpColours) return this.lookUp;
    this.fillPalette(look.colours);
    if (this.lookUp.length !== tabled.count) this.lookUp = new Uint32Array(tabled.count);
    for (let at = 0; at < tabled.count; at++) this.lookUp[at] = this.palette[colourIndex(at + tabled.first, scale)]!;
    this.lookUpKey = key;
    this.lookUpColours = look.colours;
    return this.lookUp;
  }

  private fillPalette(colours: Uint8Array): void {
    for (let index = 0; index < 256; index++) {
      this.palette[index] = pack([colours[4 * index]!, colours[4 * index + 1]!, colours[4 * index + 2]!]);
    }
  }
}

/** Bytes in memory are R, G, B, A; all browsers run on little-endian machines. */
function pack([red, green, blue]: Rgb): number {
  return (red | (green << 8) | (blue << 16) | OPAQUE) >>> 0;
}
