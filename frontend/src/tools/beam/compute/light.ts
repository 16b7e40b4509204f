import type { Box } from "../../../analysis/project";
import type { NumberArray } from "../../../analysis/statistics";
import { type AxesBox, boxSpans } from "./box";
import type { LightSums } from "./ellipse";
import type { Lengths } from "./lengths";

/** Columns of a block whose sums are kept. The moments of so many pixels of 16 bit are integers of 32 bit. */
const BLOCK = 32;
/** Light, light times length, light times the length's square. */
const SUMS = 3;

// Used again for each image: what is read was written before.
let kept = new Float64Array(0);

/**
 * The light of a region, which is what its pixels have above `level`; those that are not finite have none.
 *
 * One instance at a time: the sums lie in memory that the next one takes over.
 */
export class Light {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** distance of two columns, where all are equal and the pixels have at most 16 bit; 0: else */
  private readonly step: number;
  /** only each n-th row of a box is used, as if the others were like it */
  every = 1;
  private readonly pixels: NumberArray;
  private readonly columns: number;
  private readonly region: Box;
  private readonly level: number;
  private readonly blocks: number;
  private readonly summed: Uint8Array;

  /** `region` is a part of `pixels`, which is `columns` wide; `x` and `y` are the lengths of its columns and rows. */
  constructor(pixels: NumberArray, columns: number, region: Box, x: Lengths, y: Lengths, level: number) {
    this.pixels = pixels;
    this.columns = columns;
    this.region = region;
    this.xs = x.positions;
    this.ys = y.positions;
    this.step = x.even && isNarrow(pixels) ? x.pitch : 0;
    this.level = level;
    this.blocks = Math.ceil(region.width / BLOCK);
    this.summed = new Uint8Array(region.height * this.blocks);
    const size = region.height * this.blocks * SUMS;
    if (kept.length < size) kept = new Float64Array(size);
  }

  /** Place of the first pixel of a row. */
  startOf(row: number): number {
    return (this.region.y + row) * this.columns + this.region.x;
  }

  /** Of the pixels of each `every`-th row whose light is at least `least` (not negative), wherever they are. */
  above(least: number, every: number): LightSums {
    const { pixels, xs, ys, level } = this;
    const { width, height } = this.region;
    // Whole numbers are compared as such, which is faster.
    const limit = isNarrow(pixels) ? Math.ceil(level + least) : level + least;
    const found = { total: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };
    for (let row = 0; row < height; row += every) {
      const start = this.startOf(row);
      let [s, sx, sxx] = [0, 0, 0];
      for (let column = 0; column < width; column++) {
        const value = pixels[start + column]!;
        if (value < limit || value - value !== 0) continue;
        const light = value - level;
        const x = xs[column]!;
        s += light;
        sx += light * x;
        sxx += light * x * x;
      }
      add(found, s, sx, sxx, ys[row]!);
    }
    return scaled(found, every);
  }

  /** Of all pixels in a box. */
  inside(box: AxesBox): LightSums {
    const found = { total: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 };
    const { blocks, summed, ys } = this;
    boxSpans(box, this.xs, ys, this.every, (row, from, to) => {
      const firstBlock = Math.ceil(from / BLOCK);
      const lastBlock = Math.floor(to / BLOCK);
      if (firstBlock >= lastBlock) {
        this.sumPixels(row, from, to);
        add(found, part[0]!, part[1]!, part[2]!, ys[row]!);
        return;
      }
      let [s, sx, sxx] = [0, 0, 0];
      for (let block = firstBlock; block < lastBlock; block++) {
        const at = row * blocks + block;
        if (summed[at] === 0) this.sumBlock(row, block);
        s += kept[SUMS * at]!;
        sx += kept[SUMS * at + 1]!;
        sxx += kept[SUMS * at + 2]!;
      }
      add(found, s, sx, sxx, ys[row]!);
      this.sumPixels(row, from, firstBlock * BLOCK);
      add(found, part[0]!, part[1]!, part[2]!, ys[row]!);
      this.sumPixels(row, lastBlock * BLOCK, to);
      add(found, part[0]!, part[1]!, part[2]!, ys[row]!);
    });
    return scaled(found, this.every);
  }

  private sumBlock(row: number, block: number): void {
    const from = block * BLOCK;
    const to = Math.min(this.region.width, from + BLOCK);
    if (this.step > 0) this.sumIntegers(row, from, to);
    else this.sumPixels(row, from, to);
    const at = row * this.blocks + block;
    this.summed[at] = 1;
    kept[SUMS * at] = part[0]!;
    kept[SUMS * at + 1] = part[1]!;
    kept[SUMS * at + 2] = part[2]!;
  }

  /** What `sumPixels` does, for pixels of at most 16 bit at equal distances. */
  private sumIntegers(row: number, from: number, to: number): void {
    const { pixels, level, step } = this;
    const start = this.startOf(row) + from;
    // Sums of sums from the last pixel to the first have the factors 1, j + 1, and (j + 1)(j + 2) / 2.
    let [one, two, three] = [0, 0, 0];
    for (let at = start + to - from - 1; at >= start; at--) {
      one = (one + pixels[at]!) | 0;
      two = (two + one) | 0;
      three = (three + two) | 0;
    }
    const n = to - from;
    const s = one - level * n;
    const sj = two - one - (level * n * (n - 1)) / 2;
    const sjj = 2 * three - 3 * two + one - (level * n * (n - 1) * (2 * n - 1)) / 6;
    const first = this.xs[from]!;
    part[0] = s;
    part[1] = first * s + step * sj;
    part[2] = first * (first * s + 2 * step * sj) + step * step * sjj;
  }

  /** Sums of the pixels `from` to `to` - 1 of a row, into `part`. */
  private sumPixels(row: number, from: number, to: number): void {
    const { pixels, xs, level } = this;
    const start = this.startOf(row);
    let [s, sx, sxx] = [0, 0, 0];
    for (let column = from; column < to; column++) {
      const light = pixels[start + column]! - level;
      if (light - light !== 0) continue;
      const x = xs[column]!;
      const moment = light * x;
      s += light;
      sx += moment;
      sxx += moment * x;
    }
    part[0] = s;
    part[1] = sx;
    part[2] = sxx;
  }
}

const part = new Float64Array(SUMS);

/** Integers of at most 16 bit. */
export function isNarrow(pixels: NumberArray): boolean {
  return pixels.BYTES_PER_ELEMENT <= 2;
}

function add(into: LightSums, s: number, sx: number, sxx: number, y: number): void {
  into.total += s;
  into.x += sx;
  into.xx += sxx;
  into.y += s * y;
  into.xy += sx * y;
  into.yy += s * y * y;
}

function scaled(sums: LightSums, every: number): LightSums {
  if (every === 1) return sums;
  for (const name of ["total", "x", "y", "xx", "xy", "yy"] as const) sums[name] *= every;
  return sums;
}
