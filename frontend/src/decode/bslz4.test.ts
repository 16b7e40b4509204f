import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Bslz4Decoder } from "./bslz4";
import { DecodeError } from "./decoder";

type Vector = [name: string, itemBytes: number, elements: number, swap: boolean, length: number, sha256: string];

const folder = new URL("../../../tests/vectors/bslz4/", import.meta.url);
const vectors = JSON.parse(readFileSync(new URL("vectors.json", folder), "utf8")) as Vector[];
const data = new Uint8Array(readFileSync(new URL("vectors.bin", folder)));

const payloads: Uint8Array[] = [];
for (const [, , , , length] of vectors) {
  const from = payloads.reduce((sum, payload) => sum + payload.length, 0);
  payloads.push(data.slice(from, from + length));
}

/** Small deterministic generator, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("bitshuffle + LZ4", () => {
  it("decodes every payload of the Python library to the bytes that it was made of", () => {
    const decoder = new Bslz4Decoder();
    expect(vectors.length).toBeGreaterThan(100);
    vectors.forEach(([name, itemBytes, elements, swap, , sha256], index) => {
      const bytes = decoder.decode(payloads[index]!, elements, itemBytes, swap, 0);
      expect(createHash("sha256").update(bytes).digest("hex"), `${name}, ${elements} elements, swap ${swap}`).toBe(
        sha256,
      );
    });
  });

  it("leaves what lies in one slot alone while it decodes into another", () => {
    const decoder = new Bslz4Decoder();
    const index = vectors.findIndex(([, itemBytes, elements]) => itemBytes === 2 && elements === 301);
    const [, itemBytes, elements, swap] = vectors[index]!;
    const first = decoder.decode(payloads[index]!, elements, itemBytes, swap, 0);
    const before = first.slice();
    payloads.forEach((payload, other) =>
      decoder.decode(payload, vectors[other]![2], vectors[other]![1], vectors[other]![3], 1),
    );
    expect(first).toEqual(before);
  });

  it("refuses another number of elements than the payload says", () => {
    const index = vectors.findIndex(([, itemBytes, elements]) => itemBytes === 4 && elements === 301);
    const decoder = new Bslz4Decoder();
    expect(() => decoder.decode(payloads[index]!, 300, 4, false, 0)).toThrow(DecodeError);
    expect(() => decoder.decode(payloads[index]!, 301, 2, false, 0)).toThrow(DecodeError);
    expect(() => decoder.decode(payloads[index]!, 301, 3, false, 0)).toThrow(DecodeError);
    expect(() => decoder.decode(payloads[index]!, -8, 4, false, 0)).toThrow(DecodeError);
  });

  it("refuses a header that asks for more memory than the payload can fill", () => {
    const payload = new Uint8Array(32);
    new DataView(payload.buffer).setBigUint64(0, 2n ** 29n);
    expect(() => new Bslz4Decoder().decode(payload, 2 ** 28, 2, false, 0)).toThrow(/cannot come out/);
    new DataView(payload.buffer).setBigUint64(0, 2n ** 40n);
    expect(() => new Bslz4Decoder().decode(payload, 2 ** 39, 2, false, 0)).toThrow(DecodeError);
  });

  it("refuses blocks that are no multiple of eight elements, or huge", () => {
    for (const block of [2, 12, 15, 2 ** 32 - 16]) {
      const payload = new Uint8Array(64);
      const view = new DataView(payload.buffer);
      view.setBigUint64(0, 32n);
      view.setUint32(8, block);
      expect(() => new Bslz4Decoder().decode(payload, 16, 2, false, 0), `${block}`).toThrow(/blocks of/);
    }
  });

  it("meets any damage with a DecodeError or a whole image, and soon", () => {
    const decoder = new Bslz4Decoder();
    const random = generator(1);
    let refused = 0;
    for (let round = 0; round < 5000; round++) {
      const index = random(payloads.length);
      const [, itemBytes, elements, swap] = vectors[index]!;
      let payload = payloads[index]!.slice();
      for (let count = 1 + random(3); count > 0; count--) {
        const at = random(payload.length);
        const kind = random(5);
        if (kind === 0) payload[at] = random(256);
        else if (kind === 1) payload[at]! ^= 1 << random(8);
        else if (kind === 2) payload = payload.slice(0, at + 1);
        else if (kind === 3) payload = Uint8Array.from([...payload, ...payload.slice(at)]);
        else payload.set([255, 255, 255, 255].slice(0, payload.length - at), at);
      }
      try {
        const { length } = decoder.decode(payload, elements, itemBytes, swap, 0);
        if (length !== elements * itemBytes) expect.fail(`round ${round}: ${length} bytes`);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(2500);
  });
});
