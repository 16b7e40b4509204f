import type { Block } from "../protocol/frame";
import { DecodeError } from "./decoder";
import type { Image } from "./image";

const TYPE = "image/jpeg";
/** Bytes at the beginning and at the end of a JPEG file. */
const START = [0xff, 0xd8] as const;
const END = [0xff, 0xd9] as const;
/** Largest picture that is taken on, in pixels. */
const MAX_PIXELS = 2 ** 26;
/** Bytes of a pixel in the formats that browsers decode to: R, G, B and one more, in some order. */
const PACKED = 4;
const PACKED_FORMATS: readonly (string | null)[] = ["RGBA", "RGBX", "BGRA", "BGRX"];

/** A decoded picture. Its pixels are read once; `close` it in any case. */
export interface Decoded {
  columns: number;
  rows: number;
  /** four bytes for each pixel, valid until the next picture is read: R, G, B and A, or of gray any three equal ones */
  read(colour: boolean): Promise<Uint8Array | Uint8ClampedArray>;
  close(): void;
}

/** Decodes a whole JPEG file; rejects if it cannot. */
export type JpegBackend = (file: Uint8Array) => Promise<Decoded>;

/**
 * Decodes previews with the browser's own decoder, into memory that is used again. It answers later; only one picture
 * may be on its way at a time.
 */
export class JpegDecoder {
  private readonly backend: JpegBackend;
  private readonly slots: Uint8Array[] = [];

  constructor(backend: JpegBackend = browserBackend()) {
    this.backend = backend;
  }

  /**
   * Gray pixels, or those of a colour image with four channels; valid until the slot is used again.
   *
   * @throws DecodeError (the promise is rejected) if it is no picture, or one of another size than the block says
   */
  async decode(block: Block, slot: number): Promise<Image> {
    const [rows = 0, columns = 0] = block.shape;
    if (!isWhole(block.payload)) throw new DecodeError("a preview is not complete");
    if (!(rows > 0 && columns > 0 && rows * columns <= MAX_PIXELS)) {
      throw new DecodeError(`a preview of ${block.shape.join(" x ")}`);
    }
    const decoded = await this.backend(block.payload).catch(() => {
      throw new DecodeError("a preview is damaged");
    });
    try {
      if (decoded.columns !== columns || decoded.rows !== rows) {
        throw new DecodeError(`a preview of ${decoded.rows} x ${decoded.columns}, ${rows} x ${columns} expected`);
      }
      return this.image(await decoded.read(block.colour !== null), rows, columns, block.colour !== null, slot);
    } finally {
      decoded.close();
    }
  }

  private image(
    packed: Uint8Array | Uint8ClampedArray,
    rows: number,
    columns: number,
    colour: boolean,
    slot: number,
  ): Image {
    const pixels = rows * columns;
    const data = this.memory(slot, colour ? PACKED * pixels : pixels);
    if (colour) {
      data.set(packed.subarray(0, data.length));
      return { dtype: "uint8", shape: [rows, columns, PACKED], data, rows, columns, channels: PACKED };
    }
    for (let at = 0; at < pixels; at++) data[at] = packed[PACKED * at]!;
    return { dtype: "uint8", shape: [rows, columns], data, rows, columns, channels: 1 };
  }

  private memory(slot: number, length: number): Uint8Array {
    let bytes = this.slots[slot];
    if (bytes === undefined || bytes.length < length) bytes = this.slots[slot] = new Uint8Array(length);
    return bytes.subarray(0, length);
  }
}

/** Browsers decode the beginning of a file that was cut off, and show grey for the rest. */
function isWhole(file: Uint8Array): boolean {
  const last = file.length - 1;
  return file[0] === START[0] && file[1] === START[1] && file[last - 1] === END[0] && file[last] === END[1];
}

/**
 * ImageDecoder takes half of the time that a bitmap takes; pages that are no secure context have none. The pixels
 * come out of a video frame into our memory; where there are no such frames, or they are of another format, out of a
 * canvas.
 */
function browserBackend(): JpegBackend {
  let packed = new Uint8Array(0);
  let context: OffscreenCanvasRenderingContext2D | null = null;

  function throughCanvas(picture: ImageBitmap | VideoFrame, width: number, height: number): Uint8ClampedArray {
    context ??= new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (context === null) throw new DecodeError("this browser gives no pixels of a picture");
    if (context.canvas.width !== width) context.canvas.width = width;
    if (context.canvas.height !== height) context.canvas.height = height;
    context.globalCompositeOperation = "copy";
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  }

  async function throughFrame(
    frame: VideoFrame,
    width: number,
    height: number,
  ): Promise<Uint8Array | Uint8ClampedArray> {
    const bytes = PACKED * width * height;
    if (packed.length < bytes) packed = new Uint8Array(bytes);
    try {
      await frame.copyTo(packed, { layout: [{ offset: 0, stride: PACKED * width }] });
      return packed;
    } catch {
      return throughCanvas(frame, width, height);
    }
  }

  function fromFrame(frame: VideoFrame, close: () => void): Decoded {
    const { displayWidth: columns, displayHeight: rows, format } = frame;
    return {
      columns,
      rows,
      read: async (colour) =>
        !colour && PACKED_FORMATS.includes(format)
          ? throughFrame(frame, columns, rows)
          : throughCanvas(frame, columns, rows),
      close,
    };
  }

  return async (file) => {
    if (typeof ImageDecoder === "function") {
      const data = file as Uint8Array<ArrayBuffer>;
      const decoder = new ImageDecoder({ type: TYPE, data, colorSpaceConversion: "none" });
      try {
        const { image } = await decoder.decode();
        return fromFrame(image, () => {
          image.close();
          decoder.close();
        });
      } catch (error) {
        decoder.close();
        throw error;
      }
    }
    const blob = new Blob([file as Uint8Array<ArrayBuffer>], { type: TYPE });
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    if (typeof VideoFrame === "function") {
      const frame = new VideoFrame(bitmap, { timestamp: 0 });
      return fromFrame(frame, () => {
        frame.close();
        bitmap.close();
      });
    }
    const { width: columns, height: rows } = bitmap;
    return { columns, rows, read: async () => throughCanvas(bitmap, columns, rows), close: () => bitmap.close() };
  };
}
