import { valueText } from "../analysis/readout";
import type { News, Region } from "../contract";
import type { Senders } from "../contract/kinds";
import { Afterwards } from "./afterwards";
import type { PixelReader } from "./reader";
import type { OnScreen } from "./screen";

export interface PrinterOptions {
  reader(): PixelReader;
  present(): OnScreen | null;
  news: Senders<News>;
}

const MOST_PIXELS = 4096;
const INTERVAL_MS = 100;
/** Of a value that was computed; more are noise, and do not fit on a pixel. */
const DIGITS = 7;

/** Writes out the values of some pixels of each picture, at most ten times a second. */
export class Printer {
  private readonly options: PrinterOptions;
  private readonly afterwards = new Afterwards(() => this.print());
  private region: Region | null = null;

  constructor(options: PrinterOptions) {
    this.options = options;
  }

  get wanted(): Region | null {
    return this.region;
  }

  /** A region of more than 4096 pixels is none. */
  setRegion(region: Region | null): void {
    this.region = region !== null && region[2] * region[3] <= MOST_PIXELS ? region : null;
    if (this.region === null) this.afterwards.cancel();
    else this.pictureChanged();
  }

  pictureChanged(): void {
    if (this.region !== null) this.afterwards.ask();
  }

  private print(): void {
    const present = this.options.present();
    const { region } = this;
    if (present === null || region === null || present.prepared.image === null) return;
    this.afterwards.holdUntil(performance.now() + INTERVAL_MS);
    const [x, y, width, height] = region;
    const texts: string[] = [];
    for (let row = y; row < y + height; row++) {
      for (let column = x; column < x + width; column++) texts.push(this.textAt(present, row, column));
    }
    this.options.news.printed({ region, texts, sequence: present.prepared.frame.pulse.sequence });
  }

  private textAt(present: OnScreen, row: number, column: number): string {
    const processed = processedText(present, row, column);
    if (processed !== null) return processed;
    const { text, state } = this.options.reader().read(present.prepared, row, column);
    return state === "exact" ? text : "";
  }
}

/** What processing made of a pixel, "" outside of the picture; null if the picture is not processed. */
export function processedText({ prepared, drawn }: OnScreen, row: number, column: number): string | null {
  if (drawn === prepared || drawn.picture === null) return null;
  const {
    numbers,
    place: { rows, columns },
  } = drawn.picture;
  if (!(row >= 0 && row < rows && column >= 0 && column < columns)) return "";
  const value = numbers[Math.floor(row) * columns + Math.floor(column)]!;
  return valueText(Number(value.toPrecision(DIGITS)), "float64");
}
