import { correct, FrameAverage, RunningAverage } from "../tools/corrections/compute/background";
import { AutoLevels } from "../tools/levels/compute/levels";
import { type NumberArray, statistics } from "../analysis/statistics";
import type { ImageFormat, News, ProcessingState, ProcessingWish, Pulse } from "../contract";
import type { Senders } from "../contract/kinds";
import type { Picture } from "../render/renderer";
import { Background, type ImageFacts } from "./background-store";
import { Limiter } from "./limiter";
import { NO_PROCESSING, processes } from "../tools/corrections/compute/need";
import { ROUNDED, WAITING_FOR_ALL, whyNoPixels } from "../tools/missing";
import { isPreview, isWholeAndExact, type Prepared } from "./prepare";

export interface ProcessorOptions {
  /** what a person chose */
  format(): ImageFormat;
  /** a background is being taken, is there, or is none any more */
  backgroundChanged(): void;
  news: Senders<News>;
}

const STATE_INTERVAL_MS = 100;

/**
 * Changes pictures between decoding and drawing: the mean of the last frames, or of all since it began, then the
 * background off, then a threshold. Only exact pixels of whole images are changed; anything else is drawn as it is, and
 * the state says why. Each frame counts once, however often and in whatever form it comes.
 */
export class Processor {
  private readonly options: ProcessorOptions;
  private readonly limiter = new Limiter(STATE_INTERVAL_MS, () => this.tell());
  private readonly levels = new AutoLevels();
  private readonly background = new Background();
  private wish = NO_PROCESSING;
  private average: FrameAverage | RunningAverage | null = null;
  /** the last frame that was processed, and the last one in the average */
  private last: Pulse | null = null;
  private averaged: Pulse | null = null;
  private facts: ImageFacts | null = null;
  private waiting: string | null = null;
  private output = new Float64Array(0);
  private told = "";

  constructor(options: ProcessorOptions) {
    this.options = options;
    this.told = keyOf(this.state());
  }

  get wanted(): ProcessingWish {
    return this.wish;
  }

  get backgroundState(): Background["state"] {
    return this.background.state;
  }

  setWish(wish: ProcessingWish): void {
    const { mode, frames } = this.wish.average;
    this.wish = wish;
    if (wish.average.mode !== mode || wish.average.frames !== frames) this.average = this.averaged = null;
    this.levels.reset();
    this.changed();
  }

  /** Takes the average of the next so many frames as background; 0: forgets it. */
  takeBackground(frames: number): void {
    this.background.take(frames);
    this.levels.reset();
    this.options.backgroundChanged();
    this.changed();
  }

  /** Begins the average anew, with the next frame or the one on screen. */
  restartAverage(): void {
    this.restart();
    this.changed();
  }

  /**
   * The picture to be drawn for one that was prepared, which is itself while nothing is wanted. Its pixels are valid
   * until the next call.
   *
   * @param isNew false: the picture on screen, for which something else is wanted now
   */
  process(channel: string, prepared: Prepared, isNew: boolean): Prepared {
    const background = this.background.state;
    const wanted = processes(this.wish, background === "there");
    if (!wanted && background === "none") {
      if (this.waiting !== null) this.setWaiting(null);
      // As large as a few images.
      if (this.output.length > 0) this.output = new Float64Array(0);
      return prepared;
    }
    const facts = factsOf(channel, prepared);
    if (facts !== null) this.follow(facts, prepared.frame.pulse);
    const { picture } = prepared;
    const why = wanted || background === "taking" ? whyNot(prepared, this.options.format()) : null;
    if (picture === null || facts === null || why !== null) {
      this.setWaiting(why);
      return prepared;
    }
    const { pulse } = prepared.frame;
    if (isNew && isAfter(pulse, this.last)) this.addToBackground(picture.numbers, facts, pulse);
    this.last = pulse;
    const result = this.compute(picture.numbers, pulse);
    this.changed();
    return result === null ? prepared : this.drawable(prepared, picture, result);
  }

  /** What was gathered of other images goes. */
  private follow(facts: ImageFacts, pulse: Pulse): void {
    if (this.background.check(facts)) {
      this.levels.reset();
      this.options.backgroundChanged();
    }
    const same = this.facts !== null && keyOf(this.facts) === keyOf(facts);
    if (!same || (this.averaged !== null && this.averaged.epoch !== pulse.epoch)) this.restart();
    if (!same) this.levels.reset();
    this.facts = facts;
  }

  private addToBackground(numbers: NumberArray, facts: ImageFacts, pulse: Pulse): void {
    if (this.background.state !== "taking") return;
    this.background.add(numbers, facts, pulse);
    if (this.background.state === "taking") return;
    this.levels.reset();
    this.options.backgroundChanged();
  }

  /** The processed pixels; null if they are to be drawn as they are. */
  private compute(numbers: NumberArray, pulse: Pulse): Float64Array | null {
    this.waiting = null;
    const { wish } = this;
    const mean = wish.background ? this.background.mean : null;
    if (!processes(wish, this.background.mean !== null)) return null;
    if (this.output.length !== numbers.length) this.output = new Float64Array(numbers.length);
    const { output } = this;
    const averaged = this.addToAverage(numbers, pulse);
    const correction = { background: mean, limit: wish.threshold };
    if (averaged === null) correct(numbers, 1, correction, output);
    else averaged.mean(output, correction);
    return output;
  }

  /** The average with this frame in it; null without one. */
  private addToAverage(numbers: NumberArray, pulse: Pulse): FrameAverage | RunningAverage | null {
    const { mode, frames } = this.wish.average;
    if (mode === "off") return null;
    try {
      this.average ??= mode === "running" ? new RunningAverage(frames, numbers.byteLength) : new FrameAverage();
      if (isAfter(pulse, this.averaged)) {
        this.average.add(numbers);
        this.averaged = pulse;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.waiting = error.message;
      return null;
    }
    return this.average;
  }

  private drawable(prepared: Prepared, picture: Picture, output: Float64Array): Prepared {
    const { image, place, gray } = picture;
    const counted = statistics(output);
    return {
      ...prepared,
      picture: {
        image: { ...image, dtype: "float64", data: output },
        numbers: output,
        place,
        gray,
        range: counted.range,
        wide: null,
      },
      range: counted.range,
      notFinite: counted.notFinite,
      autoLevels: this.levels.update(counted, "float64"),
    };
  }

  private restart(): void {
    this.average?.reset();
    this.averaged = null;
  }

  private setWaiting(waiting: string | null): void {
    this.waiting = waiting;
    this.changed();
  }

  private state(): ProcessingState {
    const { wish, background, average, waiting } = this;
    return {
      background: background.describe(wish.background),
      threshold: wish.threshold,
      average: { ...wish.average, taken: average?.count ?? 0 },
      waiting,
    };
  }

  private changed(): void {
    if (keyOf(this.state()) !== this.told && this.limiter.take(performance.now())) this.tell();
  }

  private tell(): void {
    const state = this.state();
    const key = keyOf(state);
    if (key === this.told) return;
    this.told = key;
    this.options.news.processing({ state });
  }
}

function factsOf(channel: string, { picture, block: { sourceDtype, slice } }: Prepared): ImageFacts | null {
  if (picture === null) return null;
  const { rows, columns } = picture.place;
  return { channel, slice: slice?.[0] ?? null, dtype: sourceDtype, rows, columns };
}

/** Why a picture cannot be processed, in words for the user; null if it can. */
function whyNot({ picture, block }: Prepared, format: ImageFormat): string | null {
  if (picture === null) return "A curve is not processed.";
  if (block.colour !== null) return "Colour images are not processed.";
  if (isPreview(block)) return whyNoPixels(format);
  if (block.rounded) return ROUNDED;
  return isWholeAndExact(block) ? null : WAITING_FOR_ALL;
}

function isAfter(pulse: Pulse, last: Pulse | null): boolean {
  return last === null || pulse.epoch !== last.epoch || pulse.sequence > last.sequence;
}

function keyOf(state: object): string {
  return JSON.stringify(state, (_key, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}
