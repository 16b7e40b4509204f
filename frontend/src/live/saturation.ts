import { commonStep, countFrom, FEWEST_SATURATED, guessSaturation } from "../tools/levels/compute/saturation";
import type { NumberArray } from "../analysis/statistics";
import type { DType, ImageNumbers, Saturation } from "../contract";

type Range = [low: number, high: number] | null;

/**
 * From which value on pixels of the present channel are saturated, and how many are. A guess is kept while no pixel is
 * above it: a camera that was once seen to end at 4095 still does in the frames that are not saturated.
 */
export class SaturationWatch {
  /** what the user set; null: guess */
  asked: number | null = null;
  private guess: number | null = null;

  reset(): void {
    this.guess = null;
  }

  /** Of the pixels of a whole image with their range. One pass over them only when there may be something to count. */
  ofPixels(pixels: NumberArray, dtype: DType, range: Range): Saturation {
    if (this.asked === null) this.learn(pixels, dtype, range);
    const { level } = this;
    if (level === null) return this.saturation(null);
    return this.saturation(range === null || range[1] < level ? 0 : countFrom(pixels, level));
  }

  /** Of a preview, whose pixels were counted by the server under what was asked for then. */
  ofNumbers(numbers: ImageNumbers | null): Saturation {
    const known = numbers === null || numbers.saturation === null ? null : Number(numbers.saturation);
    const max = numbers === null || numbers.max === null ? null : Number(numbers.max);
    if (this.asked === null) {
      if (max !== null && this.guess !== null && max > this.guess) this.guess = null;
      this.guess = known ?? this.guess;
    }
    const { level } = this;
    if (numbers === null || level === null) return this.saturation(null);
    if (known === level) return this.saturation(numbers.saturated);
    return this.saturation(max === null || max < level ? 0 : null);
  }

  /** Of a part of an image. */
  ofPart(): Saturation {
    return this.saturation(null);
  }

  private get level(): number | null {
    return this.asked ?? this.guess;
  }

  private saturation(count: number | null): Saturation {
    return { level: this.level, guessed: this.asked === null && this.guess !== null, count };
  }

  private learn(pixels: NumberArray, dtype: DType, range: Range): void {
    if (range === null || range[1] === this.guess) return;
    if (this.guess !== null) {
      if (range[1] < this.guess) return;
      this.guess = null;
    }
    // The step is looked for only when the value alone speaks for a camera.
    if (guessSaturation(dtype, range).level === null) return;
    const { level } = guessSaturation(dtype, range, commonStep(pixels));
    if (level !== null && countFrom(pixels, level) >= FEWEST_SATURATED) this.guess = level;
  }
}
