import { RateMeter } from "../analysis/rate";
import type { AnalysisWish, FromWorker, ImageFormat } from "../contract";
import { Afterwards } from "./afterwards";
import { Examiner } from "./examine";
import type { PixelReader } from "./reader";
import type { OnScreen } from "./screen";

export interface AnalyserOptions {
  reader(): PixelReader;
  present(): OnScreen | null;
  /** what a person chose: the format, and the value of saturated pixels */
  chosen(): { format: ImageFormat; saturation: number | null };
  post(message: FromWorker): void;
  failed(error: unknown): void;
}

const INTERVAL_MS = 30;

/**
 * Analyses the picture on screen after it was drawn and acknowledged: at most some thirty times a second, and for no
 * more than about half of the time, so that it never holds up what is drawn. Pictures that come faster are left out.
 * While nothing is wanted it does nothing.
 */
export class Analyser {
  private readonly options: AnalyserOptions;
  private readonly examiner = new Examiner((frame) => this.options.reader().profiles(frame));
  private readonly rate = new RateMeter();
  private readonly afterwards = new Afterwards(() => this.analyse());
  private wish: AnalysisWish | null = null;

  constructor(options: AnalyserOptions) {
    this.options = options;
  }

  /** What is wanted; null: nothing. */
  get wanted(): AnalysisWish | null {
    return this.wish;
  }

  setWish(wish: AnalysisWish): void {
    const { histogram, projections, rois, line } = wish;
    const any = histogram || projections !== null || rois.length > 0 || line !== null;
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
    if (present === null || this.wish === null) return -Infinity;
    const { prepared, drawn, shown } = present;
    const { format, saturation } = this.options.chosen();
    try {
      const sample = { prepared, drawn, saturation: shown.saturation.level ?? saturation, format };
      const findings = this.examiner.examine(sample, this.wish);
      const end = performance.now();
      const { pulse, channel } = shown;
      const rate = this.rate.count(end);
      this.options.post({ type: "analysis", analysis: { pulse, channel, rate, tookMs: end - start, ...findings } });
    } catch (error) {
      this.options.failed(error);
    }
    const end = performance.now();
    return Math.max(start + INTERVAL_MS, end + (end - start));
  }
}
