import type { Connection, FromWorker, ImageFormat, News, Orders, ToWorker } from "../contract";
import type { Decoder } from "../decode/decoder";
import type { JpegDecoder } from "../decode/jpeg";
import { encodeAck, encodeWant, type Want } from "../protocol/client";
import { decodeBinary, type FrameMessage, type ScalarsMessage } from "../protocol/envelope";
import { type Piece, PieceAssembler } from "../protocol/pieces";
import { decodeText } from "../protocol/text";
import { handle, type Handlers, type Message, type Senders, sendersOf } from "../contract/kinds";
import { NEWS } from "../contract/messages";
import type { Heard } from "../transport/machine";
import { OneWay } from "../transport/one-way";
import type { Line, LiveSocketHandlers } from "../transport/socket";
import { Instruments } from "./instruments";
import type { LoadProcessor } from "./late-processor";
import { BurstLimiter } from "./limiter";
import { ChannelNames, frameValues, lastValues, rowValues } from "./pulse-values";
import { ScalarLane } from "./scalar-lane";
import { Screen, type ScreenOptions } from "./screen";
import { showsBeyond, Wishes } from "./wishes";

type Start = Orders["start"];
type Post = (message: FromWorker, transfer?: Transferable[]) => void;

/** The connection, as far as the viewer needs it. */
export interface Socket {
  start(): void;
  wake(): void;
  busy(ms: number): void;
}

export interface ViewerOptions {
  loadProcessor: LoadProcessor;
  decoder: Decoder;
  jpeg: JpegDecoder;
  makeRenderer: ScreenOptions["makeRenderer"];
  capture: ScreenOptions["capture"];
  requestFrame: ScreenOptions["requestFrame"];
  makeSocket(handlers: LiveSocketHandlers): Socket;
  post: Post;
}

const ERROR_INTERVAL_MS = 10_000;
/** Shown is every picture of the source if it is at least this part of them: both are counted over a second. */
const ALL_PICTURES = 0.95;
/**
 * All that is wanted is told at once so many times, then ten times a second: a slider that is dragged or a key that is
 * held down must stay far below what the server hears of one viewer (`limits` in its `hello`).
 */
const WANT_BURST = 5;
const WANT_INTERVAL_MS = 100;

/**
 * Everything behind the page's messages: what the server says goes to the screen and the page, what the page wants
 * to the server.
 */
export class Viewer {
  private readonly news: Senders<News>;
  private readonly decoder: Decoder;
  private readonly socket: Socket;
  private readonly screen: Screen;
  private readonly instruments: Instruments;
  private names = new ChannelNames();
  private readonly scalars: ScalarLane;
  private readonly want: Omit<Want, keyof ReturnType<Wishes["current"]>>;
  private readonly wishes: Wishes;
  private readonly wantLimiter = new BurstLimiter(WANT_BURST, WANT_INTERVAL_MS, () => this.sendWantNow());
  /** what a person chose; what is asked for may be another one */
  private format: ImageFormat;
  private line: Line | null = null;
  private epoch: number | null = null;
  private networkMs: number | null = null;
  /** images that the source sends each second */
  private imageRate = 0;
  private readonly way = new OneWay();
  private readonly assembler = new PieceAssembler();
  private readonly errors = new Map<string, number>();
  private readonly handlers: Handlers<Omit<Orders, "start">> = {
    size: ({ width, height }) => {
      this.wishes.setSize(width, height);
      this.screen.resize(width, height);
    },
    view: ({ view }) => {
      this.wishes.setView(view);
      this.screen.setView(view);
    },
    colours: ({ colours }) => {
      this.wishes.setLevels(colours.levels, showsBeyond(colours));
      this.screen.setColours(colours);
    },
    cursor: ({ pixel }) => {
      this.wishes.setCursor(pixel);
      this.screen.setCursor(pixel);
    },
    pixels: ({ id }) => this.screen.answers.pixels(id),
    profiles: ({ id }) => this.screen.answers.profiles(id),
    snapshot: ({ id }) => this.screen.answers.snapshot(id),
    pause: ({ paused }) => this.setPaused(paused),
    online: () => this.socket.wake(),
    visible: ({ visible }) => this.setVisible(visible),
    want: (message) => this.setWant(message),
    analyse: (message) => this.instruments.receive(message),
    computing: (message) => this.instruments.receive(message),
    process: (message) => this.instruments.receive(message),
    background: (message) => this.instruments.receive(message),
    "restart-average": (message) => this.instruments.receive(message),
    print: (message) => this.instruments.receive(message),
  };

  constructor(start: Start, options: ViewerOptions) {
    this.news = sendersOf(NEWS, options.post);
    this.decoder = options.decoder;
    this.want = {
      image: null,
      slice: 0,
      colour: "auto",
      rate: null,
      every: start.visible,
      hidden: !start.visible,
      paused: false,
      saturation: start.saturation,
      pieces: true,
    };
    const { width, height, colours, format } = start;
    this.format = format;
    this.wishes = new Wishes(width, height, colours.levels, format, (change) => this.line?.send(encodeWant(change)));
    this.wishes.setLevels(colours.levels, showsBeyond(colours));
    this.scalars = new ScalarLane(this.news);
    this.instruments = new Instruments({
      loadProcessor: options.loadProcessor,
      screen: () => this.screen,
      chosen: () => ({ format: this.format, saturation: this.want.saturation }),
      missesPictures: () => this.missesPictures(),
      need: (need) => this.wishes.setNeed(need),
      news: this.news,
      failed: (error) => this.fail(error),
    });
    this.screen = new Screen({
      decoder: options.decoder,
      jpeg: options.jpeg,
      makeRenderer: options.makeRenderer,
      capture: options.capture,
      requestFrame: (callback) =>
        options.requestFrame(() => {
          const begun = performance.now();
          callback();
          this.socket.busy(performance.now() - begun);
        }),
      news: this.news,
      process: (channel, prepared, isNew) => this.instruments.process(channel, prepared, isNew),
      shows: (shown) => {
        const [rows, columns] = shown.of;
        if (shown.curve === null) {
          this.wishes.setImage(rows, columns, shown.choice === "preview");
          this.wishes.setDrawnLevels(shown.levels);
        }
        this.instruments.pictureShown(shown);
      },
      failed: (error) => this.fail(error),
      width: start.width,
      height: start.height,
      colours: start.colours,
      saturation: start.saturation,
    });
    this.socket = options.makeSocket({
      connection: (connection) => this.connection(connection),
      message: (data, arrived, line) => this.message(data, arrived, line),
    });
    this.socket.start();
  }

  /** Does what the page says. */
  receive(message: Message<Omit<Orders, "start">>): void {
    handle(this.handlers, message);
  }

  private setVisible(visible: boolean): void {
    if (visible === !this.want.hidden) return;
    this.want.hidden = !visible;
    // Nothing that needs every pulse is open in a page that nobody sees.
    this.want.every = visible;
    // The one picture of a pause is sent once: it waits for the tab to be seen.
    if (!this.want.paused) {
      if (visible) this.screen.clear();
      else this.screen.dropUndrawn();
    }
    this.sendWant();
    if (visible) this.socket.wake();
  }

  private setPaused(paused: boolean): void {
    if (paused === this.want.paused) return;
    this.want.paused = paused;
    this.screen.hold(paused);
    this.sendWant();
  }

  private setWant({ image, slice, colour, format, rate, saturation }: Extract<ToWorker, { type: "want" }>): void {
    const { image: imageBefore, slice: sliceBefore, colour: colourBefore } = this.want;
    if (image !== undefined) this.want.image = image;
    if (slice !== undefined) this.want.slice = slice;
    if (colour !== undefined) this.want.colour = colour;
    const { want } = this;
    const other = want.image !== imageBefore || want.slice !== sliceBefore || want.colour !== colourBefore;
    if (format !== undefined) this.wishes.setFormat((this.format = format));
    if (rate !== undefined) this.want.rate = rate;
    if (saturation !== undefined) {
      this.want.saturation = saturation;
      this.screen.setSaturation(saturation);
    }
    if (other) {
      this.wishes.forgetImage();
      this.screen.clear();
    }
    this.sendWant();
  }

  private sendWant(): void {
    if (this.line !== null && this.wantLimiter.take(performance.now())) this.sendWantNow();
  }

  private sendWantNow(): void {
    this.line?.send(encodeWant({ ...this.want, ...this.wishes.current() }));
  }

  private connection(connection: Connection): void {
    if (connection.state === "lost") {
      this.line = null;
      this.networkMs = null;
      this.way.reset();
      this.assembler.reset();
      this.screen.dropUndrawn();
      this.scalars.reset();
    }
    this.news.connection({ connection });
  }

  private message(data: string | ArrayBuffer, arrived: number, line: Line): Heard {
    try {
      return typeof data === "string" ? this.text(data, arrived, line) : this.binary(data, arrived, line);
    } catch (error) {
      this.fail(error);
      return "other";
    }
  }

  private text(data: string, arrived: number, line: Line): Heard {
    const message = decodeText(data, (channel) => this.names.of(channel));
    if ((message.kind === "hello" || message.kind === "status") && message.clock !== null) {
      this.way.heard(message.clock, arrived);
    }
    switch (message.kind) {
      case "hello": {
        const isNew = line !== this.line;
        this.line = line;
        this.names = new ChannelNames();
        this.scalars.reset();
        // A picture that is held outlives the process that received it.
        if (this.epoch !== null && this.epoch !== message.hello.epoch && !this.want.paused) this.screen.clear();
        this.epoch = message.hello.epoch;
        this.news.hello({ hello: message.hello });
        if (isNew) {
          this.wantLimiter.reset();
          this.sendWant();
        }
        return "hello";
      }
      case "channels":
        this.names.add(message.channels);
        return "other";
      case "status": {
        const rtt = message.status.you.rtt_ms;
        this.networkMs = rtt === null ? null : rtt / 2;
        this.imageRate = message.status.source.image_rate;
        this.news.status({ status: message.status });
        return "other";
      }
      case "sending":
        this.news.sending({ bytes: message.bytes, received: 0 });
        return "sending";
      case "unknown":
        return "other";
    }
  }

  private binary(data: ArrayBuffer, arrived: number, line: Line): Heard {
    const message = decodeBinary(data);
    if (message === null || line !== this.line) return "other";
    if (message.kind === "piece") return this.piece(message, arrived, line);
    if (message.kind === "frame") {
      this.frame(message, arrived, line);
      return "frame";
    }
    this.rows(message, arrived);
    return "other";
  }

  /** A part of a message. Until it is complete the connection may be as quiet as after the announcement of a large one. */
  private piece(piece: Piece, arrived: number, line: Line): Heard {
    const whole = this.assembler.take(piece);
    if (whole !== null) return this.binary(whole, arrived, line);
    const received = piece.givenUp ? null : piece.offset + piece.bytes.length;
    this.news.sending({ bytes: piece.total, received });
    return piece.givenUp ? "frame" : "sending";
  }

  private frame({ frame, serverMicros, notSent }: FrameMessage, arrived: number, line: Line): void {
    let waits = true;
    const acknowledge = (micros: number) => {
      if (waits) line.send(encodeAck(frame.pulse.sequence, micros));
      waits = false;
    };
    // The numbers of the channels may have other names when the values are asked for.
    const { names } = this;
    const values = () => frameValues(frame, names, this.decoder);
    const channel = frame.image === null ? null : names.of(frame.image.channel);
    const unwanted = this.want.image !== null && channel !== null && channel !== this.want.image;
    const unseen = this.want.hidden && !this.want.paused;
    // Sent before the server heard of it: the page is hidden, the process was replaced, another channel was chosen.
    if (unseen || frame.pulse.epoch !== this.epoch || unwanted) {
      acknowledge((performance.now() - arrived) * 1000);
    } else if (channel === null) {
      this.scalars.add(0, 0, values, arrived);
      acknowledge((performance.now() - arrived) * 1000);
    } else {
      const { receiptTime } = frame.pulse;
      const sent = Number(receiptTime) / 1e6 + serverMicros / 1000;
      const networkMs = receiptTime === null ? this.networkMs : this.way.taken(sent, arrived, this.networkMs);
      this.screen.receive({ frame, arrived, serverMicros, notSent, channel, networkMs, values, acknowledge });
    }
  }

  private rows({ table, epoch, lost }: ScalarsMessage, arrived: number): void {
    if (epoch !== this.epoch || table.rows === 0) return;
    const { names } = this;
    this.scalars.add(table.rows, lost, () => rowValues(table, epoch, names), arrived, lastValues(table, names));
  }

  private missesPictures(): boolean {
    return (this.screen.onScreen?.shown.shownRate ?? 0) < this.imageRate * ALL_PICTURES;
  }

  /** Tells the page what went wrong; the same thing once in ten seconds at most. */
  private fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    const now = performance.now();
    for (const [known, time] of this.errors) if (now - time > ERROR_INTERVAL_MS) this.errors.delete(known);
    if (this.errors.has(text)) return;
    this.errors.set(text, now);
    this.news.error({ text });
  }
}
