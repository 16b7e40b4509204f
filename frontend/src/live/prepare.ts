import { ColourParts } from "../tools/levels/compute/auto-levels-part";
import { AutoLevels } from "../tools/levels/compute/levels";
import { type Statistics, statistics } from "../analysis/statistics";
import type { ArrayValue, DType, Saturation } from "../contract";
import { UNKNOWN_SATURATION } from "../defaults";
import { DecodeError, type Decoder } from "../decode/decoder";
import { decodeImage, decodeValues, type Image, type PixelArray, toArrayValue, type Values } from "../decode/image";
import type { JpegDecoder } from "../decode/jpeg";
import { Doubles } from "../decode/numbers";
import type { Block, Frame } from "../protocol/frame";
import { needsWide, subtractWide } from "../render/distances";
import { type Place, placeOf } from "../render/place";
import type { Picture } from "../render/renderer";
import { BadPixels } from "./bad-pixels";
import { SaturationWatch } from "./saturation";

type Pair = [low: number, high: number];

/** An image block that is decoded and counted, ready to be drawn: a picture, or a curve that the page draws. */
export interface Prepared {
  frame: Frame;
  block: Block;
  values: Values;
  /** null for a curve */
  image: Image | null;
  picture: Picture | null;
  curve: ArrayValue | null;
  /** of the finite values of the whole image; of a crop, those that were sent */
  range: Pair | null;
  notFinite: number;
  /** what automatic levels by the rule `steady` are for this frame, of the whole image */
  autoLevels: Pair;
  saturation: Saturation;
  decodeMs: number;
  /** memory that this frame lies in */
  slot: number;
}

/** Gray of 8 bit that stands for the values: nothing is counted in it. */
export function isPreview(block: Block): boolean {
  return block.format === "jpeg";
}

/** All pixels of the image, each with the number that the source sent. */
export function isWholeAndExact(block: Block): boolean {
  return !block.rounded && !isPreview(block) && block.crop === null && block.binning === 1;
}

/** Decodes image blocks and follows the levels from frame to frame. */
export class Preparer {
  private readonly decoder: Decoder;
  private readonly jpeg: JpegDecoder;
  private readonly doubles = new Doubles();
  private readonly levels = new AutoLevels();
  /** for parts of an image of which no more was seen */
  private readonly cropLevels = new AutoLevels();
  private readonly saturation = new SaturationWatch();
  private readonly bad: BadPixels;
  private readonly parts = new ColourParts();
  private subject = "";

  constructor(decoder: Decoder, jpeg: JpegDecoder) {
    this.decoder = decoder;
    this.jpeg = jpeg;
    this.bad = new BadPixels(decoder);
  }

  /** Other pictures are to come: what was learnt about levels does not hold for them. */
  forget(): void {
    this.levels.reset();
    this.cropLevels.reset();
    this.saturation.reset();
    this.bad.forget();
  }

  /** The value from which on the user takes pixels for saturated; null: guess it. */
  setSaturation(level: number | null): void {
    this.saturation.asked = level;
  }

  /**
   * Prepares a frame whose image is no preview.
   *
   * @throws DecodeError
   */
  prepare(frame: Frame, block: Block, slot: number): Prepared {
    const start = performance.now();
    const image = block.shape.length === 1 ? null : decodeImage(block, this.decoder, slot);
    const values = image ?? decodeValues(block, this.decoder, slot);
    const decodeMs = performance.now() - start;
    const place = image === null ? null : soundPlace(image, block);
    const numbers = this.doubles.of(values.data, slot);
    const picture: Picture | null =
      image === null || place === null
        ? null
        : { image, numbers, place, gray: null, range: null, wide: wideOf(values.data) };
    const counted =
      block.colour === null
        ? statistics(numbers, this.decoder.scannerOf(numbers))
        : statistics(this.parts.of(numbers, image?.channels ?? 1));
    if (picture !== null) picture.range = counted.range;
    this.setSubject(block);
    const whole = place === null || (place.width === place.columns && place.height === place.rows);
    const plain = place !== null && block.colour === null && block.sourceDtype !== "bool";
    const auto = (levels: AutoLevels) => automatic(levels, counted, picture, block.sourceDtype);
    const ofCrop = () => this.levels.present ?? auto(this.cropLevels);
    return {
      frame,
      block,
      values,
      image,
      picture,
      curve: image === null ? toArrayValue(values) : null,
      range: counted.range,
      notFinite: counted.notFinite,
      autoLevels: fixedLevels(block) ?? (whole ? auto(this.levels) : ofCrop()),
      saturation: !plain
        ? UNKNOWN_SATURATION
        : !whole
          ? this.saturation.ofPart()
          : this.saturation.ofPixels(numbers, block.sourceDtype, counted.range),
      decodeMs,
      slot,
    };
  }

  /** Begins with a preview; one at a time. The promise is rejected with a DecodeError if it cannot be decoded. */
  decodePreview(block: Block, slot: number): Promise<Image> {
    return this.jpeg.decode(block, slot);
  }

  /**
   * Prepares a frame whose preview was decoded.
   *
   * @throws DecodeError
   */
  preparePreview(frame: Frame, block: Block, image: Image, decodeMs: number, slot: number): Prepared {
    const place = soundPlace(image, block);
    const range = rangeOf(block);
    this.setSubject(block);
    const picture: Picture = {
      image,
      numbers: image.data as Uint8Array,
      place,
      gray: block.levels,
      range: [0, 255],
      wide: null,
    };
    return {
      frame,
      block,
      values: image,
      image,
      picture: this.bad.mark(picture, frame.bad, slot),
      curve: null,
      range,
      notFinite: block.numbers?.notFinite ?? 0,
      autoLevels: fixedLevels(block) ?? this.levels.follow(block.levels ?? [0, 255]),
      saturation: block.colour !== null ? UNKNOWN_SATURATION : this.saturation.ofNumbers(block.numbers),
      decodeMs,
      slot,
    };
  }

  private setSubject(block: Block): void {
    const subject = `${block.channel} ${block.sourceDtype} ${block.colour}`;
    if (subject !== this.subject) this.forget();
    this.subject = subject;
  }
}

/** Levels for a frame; of 64-bit integers beyond 2^53 by their exact distances from one of them. */
export function automatic(levels: AutoLevels, counted: Statistics, picture: Picture | null, dtype: DType): Pair {
  if (picture === null || !needsWide(picture) || picture.range === null) return levels.update(counted, dtype);
  const base = picture.range[0];
  const { wide } = picture;
  if (wide === null || picture.range[1] - base > Number.MAX_SAFE_INTEGER / 2) return levels.update(counted, dtype);
  const distances = new Float64Array(wide.length);
  subtractWide(wide, base, distances);
  return levels.update(statistics(distances), dtype, base);
}

function wideOf(pixels: PixelArray): Picture["wide"] {
  return pixels instanceof BigInt64Array || pixels instanceof BigUint64Array ? pixels : null;
}

/** @throws DecodeError if the block says of itself what cannot be */
function soundPlace(image: Image, { crop, binning, of, shape }: Block): Place {
  const place = placeOf(image.columns, image.rows, crop, binning, of);
  if (place !== null) return place;
  const where = `crop ${crop?.join(" ") ?? "none"}, binning ${binning}, of ${of?.join(" x ") ?? "itself"}`;
  throw new DecodeError(`an image of ${shape.join(" x ")} in a wrong place: ${where}`);
}

/** Of a preview, as the server counted it; doubles are enough for what is done with it here. */
function rangeOf({ numbers }: Block): Pair | null {
  return numbers === null || numbers.min === null || numbers.max === null
    ? null
    : [Number(numbers.min), Number(numbers.max)];
}

/** Bytes of a colour image are drawn as they were sent, and a truth value has but two colours. */
function fixedLevels(block: Block): Pair | null {
  if (block.colour !== null && block.sourceDtype === "uint8") return [0, 255];
  return block.sourceDtype === "bool" ? [0, 1] : null;
}
