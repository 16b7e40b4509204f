import { RateMeter } from "../analysis/rate";
import type { AnalysisWish, ImageFormat, News } from "../contract";
import type { Senders } from "../contract/kinds";
import { Afterwards } from "./afterwards";
import type { Examiner } from "./examine";
import type { PixelReader } from "./reader";
import type { OnScreen } from "./screen";

/** Hands over what computes, at once or when it was loaded; it is asked for with the first wish. */
export type LoadExaminer = (use: (made: typeof Examiner) => void) => void;

export interface AnalyserOptions {
  loadExaminer: LoadExaminer;
  reader(): PixelReader;
  present(): OnScreen | null;
  /** what a person chose: the format, and the value of saturated pixels */
  chosen(): { format: ImageFormat; saturation: number | null };
  news: Senders<News>;
  failed(error: unknown): void;
}

const INTERVAL_MS = 30;
/** The histogram is always open beside the picture: it follows as fast as an eye, and may take this part of the time. */
const HISTOGRAM_INTERVAL_MS = 125;
const HISTOGRAM_PART = 1 / 50;
const NUMBERS_PART = 1 / 2;

/**
 * Analyses the picture on screen after it was drawn and acknowledged: at most some thirty times a second, and for no
 * more than about half of the time, so that it never holds up what is drawn. Pictures that come faster are left out.
 * While nothing is wanted it does nothing.
 */
export class Analyser {
  private readonly options: AnalyserOptions;
  /** undefined: was not asked for; null: is on its way */
  private examiner: Examiner | null | undefined;
  private readonly rate = new RateMeter();
  private readonly afterwards = new Afterwards(() => this.analyse());
  private wish: AnalysisWish | null = null;
  private onlyHistogram = false;

  constructor(options: AnalyserOptions) {
    this.options = options;
  }

  /** What is wanted; null: nothing. */
  get wanted(): AnalysisWish | null {
    return this.wish;
  }

  setWish(wish: AnalysisWish): void {
    const { histogram, projections, rois, line } = wish;
    const numbers = projections !== null || rois.length > 0 || line !== null;
    const any = histogram || numbers;
    this.onlyHistogram = !numbers;
    this.wish = any ? wish : null;
    if (any) return this.pictureChanged();
    this.afterwards.cancel();
    this.rate.reset();
  }

  /** Another picture is on screen, or the same one in another form. */
  pictureChanged(): void {
    if (this.wish !== null) this.afterwards.ask();
  }

  /** Returns when it may be done again. */
  private analyse(): number {
    const start = performance.now();
    const present = this.options.present();
    const examiner = this.loaded();
    if (examiner === null || present === null || this.wish === null) return -Infinity;
    const { prepared, drawn, shown } = present;
    const { format, saturation } = this.options.chosen();
    try {
      const sample = { prepared, drawn, saturation: shown.saturation.level ?? saturation, format };
      const findings = examiner.examine(sample, this.wish);
      const end = performance.now();
      const { pulse, channel } = shown;
      const rate = this.rate.count(end);
      this.options.news.analysis({ analysis: { pulse, channel, rate, tookMs: end - start, ...findings } });
    } catch (error) {
      this.options.failed(error);
    }
    const took = performance.now() - start;
    const [interval, part] = this.onlyHistogram ? [HISTOGRAM_INTERVAL_MS, HISTOGRAM_PART] : [INTERVAL_MS, NUMBERS_PART];
    return start + Math.max(interval, took / part);
  }

  private loaded(): Examiner | null {
    if (this.examiner === undefined) {
      this.examiner = null;
      let later = false;
      this.options.loadExaminer((Made) => {
        this.examiner = new Made((frame) => this.options.reader().profiles(frame));
        if (later) this.pictureChanged();
      });
      later = true;
    }
    return this.examiner;
  }
}
