import { describe, expect, it } from "vitest";
import { type Piece, PieceAssembler } from "./pieces";

const MESSAGE = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);

function piece(offset: number, size: number, rest: Partial<Piece> = {}): Piece {
  const bytes = MESSAGE.subarray(offset, offset + size);
  return { kind: "piece", total: MESSAGE.length, offset, bytes, givenUp: false, ...rest };
}

describe("a message in pieces", () => {
  it("is the same as in one, and another may follow", () => {
    const assembler = new PieceAssembler();
    for (let time = 0; time < 2; time++) {
      expect(assembler.take(piece(0, 400))).toBeNull();
      expect(assembler.take(piece(400, 400))).toBeNull();
      expect(new Uint8Array(assembler.take(piece(800, 200))!)).toEqual(MESSAGE);
    }
  });

  it("may be a single piece", () => {
    expect(new Uint8Array(new PieceAssembler().take(piece(0, 1000))!)).toEqual(MESSAGE);
  });

  it("is forgotten when the rest will not come, and another begins", () => {
    const assembler = new PieceAssembler();
    assembler.take(piece(0, 400));
    expect(assembler.take(piece(400, 0, { givenUp: true }))).toBeNull();
    expect(() => assembler.take(piece(400, 600))).toThrow(/does not continue/);
    assembler.take(piece(0, 400));
    expect(new Uint8Array(assembler.take(piece(400, 600))!)).toEqual(MESSAGE);
  });

  it.each([
    ["leaves a gap", piece(500, 100)],
    ["comes twice", piece(100, 300)],
    ["is of a message of another length", piece(400, 100, { total: 999 })],
    ["goes beyond the end", piece(400, 100, { bytes: new Uint8Array(601) })],
  ])("is refused if a piece %s", (_, wrong) => {
    const assembler = new PieceAssembler();
    assembler.take(piece(0, 400));
    expect(() => assembler.take(wrong)).toThrow(/does not continue/);
  });
});
