import { ProtocolError } from "./bytes";

/** A part of a message that comes in pieces; `bytes` refers to the piece that was received. */
export interface Piece {
  kind: "piece";
  /** bytes of the whole message, and where these begin in it */
  total: number;
  offset: number;
  bytes: Uint8Array;
  /** the rest of the message is not sent */
  givenUp: boolean;
}

/** Puts the pieces of one message together; another one may begin when it is complete or given up. */
export class PieceAssembler {
  private message: Uint8Array<ArrayBuffer> | null = null;
  /** bytes received of the message under way */
  private received = 0;

  /** Takes a piece; returns the message once it is complete. Throws on pieces that do not belong together. */
  take(piece: Piece): ArrayBuffer | null {
    const { total, offset, bytes } = piece;
    if (piece.givenUp) {
      this.reset();
      return null;
    }
    if (offset === 0) {
      this.reset();
      this.message = new Uint8Array(total);
    }
    const { message } = this;
    if (message === null || offset !== this.received || total !== message.length || offset + bytes.length > total) {
      this.reset();
      throw new ProtocolError(
        `a piece of ${bytes.length} bytes at ${offset} of ${total} does not continue the message`,
      );
    }
    message.set(bytes, offset);
    this.received += bytes.length;
    if (this.received < total) return null;
    this.reset();
    return message.buffer;
  }

  /** Forgets the message under way. */
  reset(): void {
    this.message = null;
    this.received = 0;
  }
}
