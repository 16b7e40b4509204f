import {
  CalmLevels,
  type CountedValues,
  levelsOfCounts,
  levelsOfPixels,
  type LevelsRule,
  spanned,
} from "../tools/levels/compute/auto-levels";
import { type Box, ColourParts, PixelPart } from "../tools/levels/compute/auto-levels-part";
import { AutoLevels } from "../tools/levels/compute/levels";
import { statistics } from "../analysis/statistics";
import { limitsOf } from "../analysis/type-limits";
import type { Colours, DType, Levels, LevelsOf, Region } from "../contract";
import { DecodeError, type Decoder } from "../decode/decoder";
import { decodeValues } from "../decode/image";
import { isInteger } from "../protocol/dtypes";
import type { Picture } from "../render/renderer";
import { effectiveLevels } from "../render/scales";
import { isPreview, type Prepared } from "./prepare";

type Pair = [low: number, high: number];

/** Slot of the decoder for arrays that are used up at once. */
const COPIED_SLOT = 2;
/** Fewer pixels than this say nothing about levels. */
const FEWEST_PIXELS = 4;

/**
 * The levels that a picture is drawn with. Of a preview they come from the exact numbers of the whole image that the
 * server sent with it, whatever they were to be found in; of a part of the image, levels of the whole one are kept from
 * before if there were some.
 */
export class PictureLevels {
  private readonly decoder: Decoder;
  private readonly part = new PixelPart();
  private readonly parts = new ColourParts();
  private readonly calm = new CalmLevels();
  /** for the rule `steady` in a part of the image */
  private readonly steady = new AutoLevels();
  private region: Region | null = null;
  private subject = "";
  /** what the last levels were found for */
  private wish = "";
  private levels: Levels | null = null;
  private prepared: Prepared | null = null;
  private looked: Region | null = null;
  private found: Pair = [0, 1];
  /** the last levels were found in all that was wanted, not in the rest that a crop left of it */
  private complete = false;

  constructor(decoder: Decoder) {
    this.decoder = decoder;
  }

  /** Other pictures are to come. */
  forget(): void {
    this.calm.reset();
    this.steady.reset();
    this.prepared = null;
    this.complete = false;
  }

  /** The region for levels of a region of interest, in pixels of the source; null: there is none. */
  setRegion(region: Region | null): void {
    this.region = region;
  }

  /**
   * The levels for a picture under these colours: those that its scale can be drawn with. Nothing is computed anew for
   * the picture that they were asked of last, unless it is looked at otherwise.
   *
   * @param visible part of the image on the canvas, in pixels of the source; null: all of it
   */
  of({ levels, scale }: Pick<Colours, "levels" | "scale">, prepared: Prepared, visible: Region | null): Pair {
    const found = this.find(levels, prepared, visible);
    if (prepared.block.colour !== null) return found;
    return effectiveLevels(found, scale, isInteger(drawnType(prepared)), levels.mode !== "manual");
  }

  private find(levels: Levels, prepared: Prepared, visible: Region | null): Pair {
    const { autoLevels, block, picture } = prepared;
    if (levels.mode === "manual") return [levels.low, levels.high];
    const bytes = block.colour !== null && block.sourceDtype === "uint8";
    const fixed = bytes || block.sourceDtype === "bool" || picture === null;
    if (fixed || (levels.mode === "auto" && levels.rule === "steady" && levels.of === "image")) return autoLevels;
    const looked = levels.mode === "auto" ? this.lookedAt(levels.of, visible) : null;
    const changed = this.follow(levels, prepared);
    if (prepared === this.prepared && !changed && same(looked, this.looked)) return this.found;
    this.prepared = prepared;
    this.looked = looked;
    if (levels.mode === "full") return (this.found = this.full(prepared));
    if (isPreview(block)) {
      if (levels.rule === "steady") return (this.found = autoLevels);
      return (this.found = this.ofNumbers({ ...levels, rule: levels.rule }, prepared));
    }
    return (this.found = this.ofPixels(levels, prepared, picture, looked));
  }

  /** Begins anew when something else is wanted than before, so that it is seen at once; returns whether it is. */
  private follow(levels: Levels, { block }: Prepared): boolean {
    const subject = `${block.channel} ${block.sourceDtype}`;
    if (levels === this.levels && subject === this.subject) return false;
    const wish = JSON.stringify(levels);
    const changed = wish !== this.wish || subject !== this.subject;
    if (changed) this.forget();
    [this.levels, this.subject, this.wish] = [levels, subject, wish];
    return changed;
  }

  private lookedAt(of: LevelsOf, visible: Region | null): Region | null {
    return of === "visible" ? visible : of === "roi" ? this.region : null;
  }

  /** From 0 or the lowest value of the type to saturation or the highest; of floats, their extremes. */
  private full(prepared: Prepared): Pair {
    const { block, range, saturation } = prepared;
    const dtype = block.sourceDtype;
    if (isInteger(dtype)) {
      const [low, high] = limitsOf(dtype);
      return spanned([low, saturation.level ?? high], dtype);
    }
    const wanted: Pair | null = range === null ? null : [range[0], saturation.level ?? range[1]];
    return this.calm.update(wanted === null ? null : spanned(wanted, dtype), true);
  }

  private ofPixels(
    levels: Extract<Levels, { mode: "auto" }>,
    prepared: Prepared,
    picture: Picture,
    looked: Region | null,
  ): Pair {
    const { image, place } = picture;
    const colour = image.channels !== 1;
    const numbers = colour ? this.parts.of(picture.numbers, image.channels) : picture.numbers;
    const dtype = drawnType(prepared);
    const whole: Region = [0, 0, place.columns, place.rows];
    const box = boxOf(looked ?? whole, place);
    const complete = box !== null && contains([place.x, place.y, place.width, place.height], looked ?? whole);
    // Levels of the image do not change because less of it is sent.
    if (!complete && this.complete && looked === null && this.calm.present !== null) return this.calm.present;
    this.complete = complete;
    const all = colour || box === null || (box[2] === image.columns && box[3] === image.rows);
    if (levels.rule === "steady") {
      if (all && looked === null) return prepared.autoLevels;
      return this.steady.update(statistics(all ? numbers : this.part.of(numbers, image.columns, box)), dtype);
    }
    // The extremes of all pixels are known from counting them.
    const found =
      all && levels.rule === "minmax"
        ? prepared.range
        : levelsOfPixels(all ? numbers : this.part.of(numbers, image.columns, box), { ...levels, rule: levels.rule });
    return this.calm.update(found === null ? null : spanned(found, dtype), levels.rule === "minmax");
  }

  private ofNumbers(rule: LevelsRule, prepared: Prepared): Pair {
    const { range, autoLevels } = prepared;
    if (prepared.block.numbers === null) return autoLevels;
    if (range === null) return this.calm.update(null);
    const dtype = drawnType(prepared);
    const counted = rule.rule === "minmax" ? { counts: [], low: 0, width: 0, mean: null } : this.counts(prepared);
    if (counted === null) return autoLevels;
    this.complete = true;
    const wanted = spanned(levelsOfCounts(counted, range, isInteger(dtype), rule), dtype);
    return this.calm.update(wanted, rule.rule === "minmax");
  }

  private counts({ frame: { histogram }, block: { numbers } }: Prepared): CountedValues | null {
    if (histogram === null || numbers === null) return null;
    try {
      const counts = decodeValues(histogram.block, this.decoder, COPIED_SLOT).data;
      if (counts instanceof BigInt64Array || counts instanceof BigUint64Array) return null;
      const sum = numbers.sum === null ? null : Number(numbers.sum);
      return { counts, low: histogram.low, width: histogram.width, mean: sum === null ? null : sum / numbers.finite };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return null;
    }
  }
}

/** Type of the values that are drawn; those of a preview stand for the source's. */
function drawnType({ block, picture }: Prepared): DType {
  return isPreview(block) || picture === null ? block.sourceDtype : picture.image.dtype;
}

/** A region of the source in pixels of a picture, as far as it lies in it; null: not worth a look. */
function boxOf([x, y, width, height]: Region, place: Picture["place"]): Box | null {
  const left = Math.max(Math.floor(x), place.x);
  const top = Math.max(Math.floor(y), place.y);
  const right = Math.min(Math.ceil(x + width), place.x + place.width);
  const bottom = Math.min(Math.ceil(y + height), place.y + place.height);
  if (right <= left || bottom <= top) return null;
  const [first, above] = [Math.floor((left - place.x) / place.binning), Math.floor((top - place.y) / place.binning)];
  const last = Math.ceil((right - place.x) / place.binning);
  const below = Math.ceil((bottom - place.y) / place.binning);
  const [columns, rows] = [last - first, below - above];
  return columns * rows < FEWEST_PIXELS ? null : [first, above, columns, rows];
}

function contains([x, y, width, height]: Region, [x2, y2, width2, height2]: Region): boolean {
  return x <= x2 && y <= y2 && x + width >= x2 + width2 && y + height >= y2 + height2;
}

function same(a: Region | null, b: Region | null): boolean {
  return a === b || (a !== null && b !== null && a.every((value, at) => value === b[at]));
}
