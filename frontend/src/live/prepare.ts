import { AutoLevels } from "../analysis/levels";
import { type Statistics, statistics } from "../analysis/statistics";
import type { ArrayValue, Levels } from "../contract";
import type { Decoder } from "../decode/decoder";
import { decodeImage, decodeValues, type Image, toArrayValue, type Values } from "../decode/image";
import { Doubles } from "../decode/numbers";
import { isInteger } from "../protocol/dtypes";
import type { Block, Frame } from "../protocol/frame";
import type { Picture } from "../render/renderer";

/** An image block that is decoded and counted, ready to be drawn: a picture, or a curve that the page draws. */
export interface Prepared {
  frame: Frame;
  block: Block;
  values: Values;
  /** null for a curve */
  image: Image | null;
  picture: Picture | null;
  curve: ArrayValue | null;
  statistics: Statistics;
  /** what automatic levels are for this frame */
  autoLevels: [number, number];
  decodeMs: number;
  /** memory that this frame lies in */
  slot: number;
}

/** Decodes image blocks and follows the levels from frame to frame. */
export class Preparer {
  private readonly decoder: Decoder;
  private readonly doubles = new Doubles();
  private readonly levels = new AutoLevels();
  private subject = "";

  constructor(decoder: Decoder) {
    this.decoder = decoder;
  }

  /** Other pictures are to come: what was learnt about levels does not hold for them. */
  forget(): void {
    this.levels.reset();
  }

  /** @throws DecodeError */
  prepare(frame: Frame, block: Block, slot: number): Prepared {
    const start = performance.now();
    const image = block.shape.length === 1 ? null : decodeImage(block, this.decoder, slot);
    const values = image ?? decodeValues(block, this.decoder, slot);
    const decodeMs = performance.now() - start;
    const numbers = this.doubles.of(values.data, slot);
    const counted = statistics(numbers);
    const subject = `${block.channel} ${block.dtype} ${block.colour}`;
    if (subject !== this.subject) this.levels.reset();
    this.subject = subject;
    return {
      frame,
      block,
      values,
      image,
      picture: image === null ? null : { image, numbers, range: counted.range },
      curve: image === null ? toArrayValue(values) : null,
      statistics: counted,
      autoLevels: fixedLevels(block) ?? this.levels.update(counted, isInteger(block.dtype)),
      decodeMs,
      slot,
    };
  }
}

/** Colour is drawn as it was sent, and a truth value has but two colours. */
function fixedLevels(block: Block): [number, number] | null {
  if (block.colour !== null) return [0, 255];
  return block.dtype === "bool" ? [0, 1] : null;
}

export function levelsFor(levels: Levels, prepared: Prepared): [number, number] {
  return levels.mode === "manual" ? [levels.low, levels.high] : prepared.autoLevels;
}
