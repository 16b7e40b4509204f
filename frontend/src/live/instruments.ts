import { roiBox } from "../analysis/spans";
import type {
  AnalysisOrders,
  ImageFormat,
  News,
  PixelsOrders,
  ProcessingOrders,
  Region,
  Roi,
  Shown,
} from "../contract";
import { handle, type Handlers, type Message, type Senders } from "../contract/kinds";
import { AnalysisFeed } from "./analysis-feed";
import type { Need } from "../tools/need";
import { needOf } from "./needs";
import type { Prepared } from "./prepare";
import { Printer } from "./printer";
import { LateProcessor, type LoadProcessor } from "./late-processor";
import type { Screen } from "./screen";

type Kinds = AnalysisOrders & ProcessingOrders & Pick<PixelsOrders, "print">;
type Order = Message<Kinds>;

export interface InstrumentsOptions {
  loadProcessor: LoadProcessor;
  screen(): Screen;
  /** what a person chose: the format, and the value of saturated pixels */
  chosen(): { format: ImageFormat; saturation: number | null };
  /** fewer pictures are shown than the source sends */
  missesPictures(): boolean;
  /** other images are needed than before */
  need(need: Need): void;
  news: Senders<News>;
  failed(error: unknown): void;
}

/** All that is done with pictures besides showing them: processing, analysis, printed values, and what these need. */
export class Instruments {
  private readonly options: InstrumentsOptions;
  private readonly processor: LateProcessor;
  private readonly feed: AnalysisFeed;
  private readonly printer: Printer;
  /** of the image on screen; null for curves and colour, with which nothing is done */
  private size: { rows: number; columns: number } | null = null;
  private levelsRoi: Roi | null = null;
  private levelsRegion: Region | null = null;
  private readonly handlers: Handlers<Kinds> = {
    analyse: ({ wish }) => {
      this.feed.setWish(wish);
      this.levelsRoi = wish.rois.find(({ id }) => id === wish.levelsRoi) ?? null;
      this.levelsRegionChanged();
    },
    computing: ({ port }) => this.feed.connect(port),
    print: ({ region }) => this.printer.setRegion(region),
    process: ({ wish }) => {
      this.processor.setWish(wish);
      this.options.screen().processAgain();
    },
    background: ({ frames }) => {
      this.processor.takeBackground(frames);
      this.options.screen().processAgain();
    },
    "restart-average": () => {
      this.processor.restartAverage();
      this.options.screen().processAgain();
    },
  };

  constructor(options: InstrumentsOptions) {
    const { chosen, missesPictures, news, failed } = options;
    const reader = () => options.screen().reader;
    const present = () => options.screen().onScreen;
    this.options = options;
    this.processor = new LateProcessor({
      load: options.loadProcessor,
      loaded: () => {
        options.screen().processAgain();
        this.needChanged();
      },
      failed,
      format: () => chosen().format,
      backgroundChanged: () => this.needChanged(),
      news,
    });
    this.feed = new AnalysisFeed({ reader, present, chosen, missesPictures, failed });
    this.printer = new Printer({ reader, present, news });
  }

  /** Does what the page says. */
  receive(order: Order): void {
    handle(this.handlers, order);
    this.needChanged();
  }

  /** What is to be drawn of a picture. */
  process(channel: string, prepared: Prepared, isNew: boolean): Prepared {
    return this.processor.process(channel, prepared, isNew);
  }

  /** Another picture is on screen; `of`: rows and columns of its image. */
  pictureShown({ of: [rows, columns], curve, colour }: Shown): void {
    const size = curve === null && !colour ? { rows, columns } : null;
    if (size?.rows !== this.size?.rows || size?.columns !== this.size?.columns) {
      this.size = size;
      this.levelsRegionChanged();
      this.needChanged();
    }
    this.feed.pictureChanged();
    this.printer.pictureChanged();
    this.processor.load();
  }

  /** Levels of a region are found in the box around it, as far as that lies in the image. */
  private levelsRegionChanged(): void {
    const { levelsRoi, size } = this;
    const box = levelsRoi === null || size === null ? null : roiBox(levelsRoi.shape, size.columns, size.rows);
    const region = box === null || box[2] === 0 || box[3] === 0 ? null : box;
    if (String(region) === String(this.levelsRegion)) return;
    this.levelsRegion = region;
    this.options.screen().setLevelsRegion(region);
  }

  private needChanged(): void {
    const { feed, processor, printer, size } = this;
    const uses = {
      analysis: feed.wanted,
      processing: processor.wanted,
      background: processor.backgroundState,
      print: printer.wanted,
    };
    this.options.need(needOf(uses, size));
  }
}
