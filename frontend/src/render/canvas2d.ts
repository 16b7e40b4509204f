import type { DType } from "../contract";
import { BAD, NEGATIVE_INFINITY, PALETTE_LENGTH, POSITIVE_INFINITY } from "./colourmaps";
import { WidePicture } from "./distances";
import { colourPlace, meanPlace, PictureScale, type Scale, shadeIndex } from "./levels";
import { BlockLine, isReduced, type Strides } from "./reduce";
import type { Look, Picture, Renderer } from "./renderer";
import { BYTES, isWideColour, ShadedPicture } from "./shades";
import { blockMap, pixelMap, pixelSize, shownAxes } from "./view";

const OPAQUE = 0xff000000;

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
  /** for each pixel of the canvas across and down: place in the picture's memory, -1 where there is none */
  private across = new Int32Array(0);
  private down = new Int32Array(0);
  /** the ends of ranges, where the picture is reduced; `across` and `down` are then their beginnings */
  private acrossTo = new Int32Array(0);
  private downTo = new Int32Array(0);
  private readonly blocks = [new BlockLine(), new BlockLine(), new BlockLine()] as const;
  private readonly scales = new PictureScale();
  private readonly wide = new WidePicture();
  private readonly shaded = new ShadedPicture();
  private readonly palette = new Uint32Array(PALETTE_LENGTH);
  private paletteOf: Uint8Array | null = null;
  private readonly shades = new Uint8Array(256);
  private lookUp = new Uint32Array(0);
  /** what `lookUp` was made for */
  private lookUpDType: DType | null = null;
  private lookUpScale: Scale | null = null;
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
    this.across = new Int32Array(this.canvas.width);
    this.down = new Int32Array(this.canvas.height);
    this.acrossTo = new Int32Array(0);
    this.downTo = new Int32Array(0);
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
    this.setPalette(look.colours);
    const [picture, scale] = this.drawable(this.picture, look);
    const { columns } = picture.image;
    const strides = look.view.orientation.transpose ? { across: columns, down: 1 } : { across: 1, down: columns };
    if (isReduced(look.reduce, look.view.scale)) this.drawBlocks(picture, look, scale, strides);
    else this.drawNearest(picture, look, scale, strides);
    this.context.putImageData(this.target, 0, 0);
  }

  finish(): void {
    this.context.getImageData(0, 0, 1, 1);
  }

  /** What is drawn in place of a picture whose values cannot be taken as they are, and its scale. */
  private drawable(picture: Picture, look: Look): [Picture, Scale] {
    const scale = this.scales.of(picture, look);
    if (isWideColour(picture)) return [this.shaded.of(picture, scale, look.colours), BYTES];
    const wide = this.wide.of(picture, scale.base);
    return wide === picture ? [picture, scale] : [wide, { ...scale, base: 0 }];
  }

  private drawNearest(picture: Picture, look: Look, colours: Scale, strides: Strides): void {
    const { across, down, pixels } = this;
    const { offsetX, offsetY, orientation } = look.view;
    const axes = shownAxes(picture.place, orientation);
    const size = pixelSize(picture.place, look.view);
    pixelMap(across, offsetX, size.x, axes.across);
    pixelMap(down, offsetY, size.y, axes.down);
    const from = across.findIndex((pixel) => pixel >= 0);
    const to = across.findLastIndex((pixel) => pixel >= 0) + 1;
    if (strides.across !== 1) for (let x = from; x < to; x++) across[x] = across[x]! * strides.across;
    const paint = this.painter(picture, colours);
    const width = this.canvas.width;
    let before = -1;
    for (let y = 0; y < down.length; y++) {
      const pixel = down[y]!;
      const line = y * width;
      if (pixel < 0 || from < 0) {
        pixels.fill(0, line, line + width);
      } else if (pixel === before) {
        pixels.copyWithin(line, line - width, line);
      } else {
        pixels.fill(0, line, line + from);
        paint(pixel * strides.down, line, from, to);
        pixels.fill(0, line + to, line + width);
      }
      before = from < 0 ? -1 : pixel;
    }
  }

  private drawBlocks({ image, numbers, place }: Picture, look: Look, scale: Scale, strides: Strides): void {
    if (this.acrossTo.length === 0) {
      this.acrossTo = new Int32Array(this.across.length);
      this.downTo = new Int32Array(this.down.length);
      for (const line of this.blocks) line.resize(this.across.length);
    }
    const { across, acrossTo, down, downTo, pixels, blocks, palette } = this;
    const { offsetX, offsetY, orientation } = look.view;
    const axes = shownAxes(place, orientation);
    const size = pixelSize(place, look.view);
    blockMap(across, acrossTo, offsetX, size.x, axes.across);
    blockMap(down, downTo, offsetY, size.y, axes.down);
    const reduce = look.reduce === "max" ? "max" : "mean";
    const { channels } = image;
    const inMemory = { across: strides.across * channels, down: strides.down * channels };
    const from = acrossTo.findIndex((end) => end > 0);
    const to = acrossTo.findLastIndex((end) => end > 0) + 1;
    const placeFor = reduce === "max" ? colourPlace : meanPlace;
    const width = this.canvas.width;
    for (let y = 0; y < down.length; y++) {
      const line = y * width;
      pixels.fill(0, line, line + width);
      if (from < 0 || downTo[y] === 0) continue;
      for (let channel = 0; channel < Math.min(channels, 3); channel++) {
        blocks[channel]!.fill(reduce, numbers, channel, inMemory, across, acrossTo, from, to, down[y]!, downTo[y]!);
      }
      const [{ values: first }, { values: second }, { values: third }] = blocks;
      for (let x = from; x < to; x++) {
        const value = first[x]!;
        if (channels === 1) {
          pixels[line + x] = palette[Number.isNaN(value) ? BAD : placeFor(value, scale)]!;
        } else {
          const [green, blue] = [shadeIndex(second[x]!, scale), shadeIndex(third[x]!, scale)];
          pixels[line + x] = shadeIndex(value, scale) | (green << 8) | (blue << 16) | OPAQUE;
        }
      }
    }
  }

  /** Returns what paints the canvas pixels [from, to) of a line with those of the picture from `start` on. */
  private painter(picture: Picture, scale: Scale): (start: number, line: number, from: number, to: number) => void {
    const { image, numbers } = picture;
    const { pixels, across, palette, shades } = this;
    if (image.channels !== 1) {
      const channels = image.channels;
      for (let value = 0; value < 256; value++) shades[value] = shadeIndex(value, scale);
      return (start, line, from, to) => {
        for (let x = from; x < to; x++) {
          const at = (start + across[x]!) * channels;
          const [red, green, blue] = [shades[numbers[at]!]!, shades[numbers[at + 1]!]!, shades[numbers[at + 2]!]!];
          pixels[line + x] = red | (green << 8) | (blue << 16) | OPAQUE;
        }
      };
    }
    const tabled = TABLED[image.dtype];
    if (tabled !== undefined) {
      const { first } = tabled;
      const table = this.tableFor(image.dtype, tabled, scale);
      return (start, line, from, to) => {
        for (let x = from; x < to; x++) pixels[line + x] = table[numbers[start + across[x]!]! - first]!;
      };
    }
    return (start, line, from, to) => {
      for (let x = from; x < to; x++) {
        const value = numbers[start + across[x]!]!;
        if (value - value === 0) pixels[line + x] = palette[colourPlace(value, scale)]!;
        else pixels[line + x] = palette[value > 0 ? POSITIVE_INFINITY : value < 0 ? NEGATIVE_INFINITY : BAD]!;
      }
    };
  }

  private tableFor(dtype: DType, { first, count }: { first: number; count: number }, scale: Scale): Uint32Array {
    const { lookUpDType, lookUpScale, lookUpColours, palette } = this;
    if (dtype === lookUpDType && scale === lookUpScale && this.paletteOf === lookUpColours) return this.lookUp;
    if (this.lookUp.length !== count) this.lookUp = new Uint32Array(count);
    for (let at = 0; at < count; at++) this.lookUp[at] = palette[colourPlace(at + first, scale)]!;
    [this.lookUpDType, this.lookUpScale, this.lookUpColours] = [dtype, scale, this.paletteOf];
    return this.lookUp;
  }

  /** Bytes in memory are R, G, B, A; all browsers run on little-endian machines. */
  private setPalette(colours: Uint8Array): void {
    if (colours === this.paletteOf) return;
    for (let place = 0; place < PALETTE_LENGTH; place++) {
      const [red, green, blue] = [colours[4 * place]!, colours[4 * place + 1]!, colours[4 * place + 2]!];
      this.palette[place] = (red | (green << 8) | (blue << 16) | OPAQUE) >>> 0;
    }
    this.paletteOf = colours;
  }
}
