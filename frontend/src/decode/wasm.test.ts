import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type NumberArray, statistics } from "../analysis/statistics";
import { Bslz4Decoder } from "./bslz4";
import { chooseDecoder } from "./choose";
import { DecodeError, type Decoder } from "./decoder";
import { checkHeader } from "./payload";
import { compileDecoder, WasmDecoder } from "./wasm";

type Vector = [name: string, itemBytes: number, elements: number, swap: boolean, length: number, sha256: string];

interface Case {
  payload: Uint8Array;
  elements: number;
  itemBytes: number;
  swap: boolean;
}

const ITEM_BYTES = [1, 2, 4, 8];
const folder = new URL("../../../tests/vectors/bslz4/", import.meta.url);
const vectors = JSON.parse(readFileSync(new URL("vectors.json", folder), "utf8")) as Vector[];
const data = new Uint8Array(readFileSync(new URL("vectors.bin", folder)));

const cases: Case[] = [];
let begin = 0;
for (const [, itemBytes, elements, swap, length] of vectors) {
  cases.push({ payload: data.slice(begin, begin + length), elements, itemBytes, swap });
  begin += length;
}

const module = compileDecoder();

/** Small deterministic generator, so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function header(bytes: number, blockBytes: number): number[] {
  const head = new DataView(new ArrayBuffer(12));
  head.setBigUint64(0, BigInt(bytes));
  head.setUint32(8, blockBytes);
  return [...new Uint8Array(head.buffer)];
}

/** Length and content of a block in the chain. */
function chained(block: number[]): number[] {
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, block.length);
  return [...new Uint8Array(length.buffer), ...block];
}

/** An LZ4 block that holds these bytes as they are. */
function literals(bytes: number[]): number[] {
  if (bytes.length < 15) return [bytes.length << 4, ...bytes];
  const more = bytes.length - 15;
  return [0xf0, ...new Array<number>(Math.floor(more / 255)).fill(255), more % 255, ...bytes];
}

/** A payload made by the definition of bitshuffle, bit by bit, without compression. */
function encode(values: Uint8Array, itemBytes: number, block: number): Uint8Array {
  const elements = values.length / itemBytes;
  const whole = elements - (elements % 8);
  const payload = header(values.length, block * itemBytes);
  for (let first = 0; first < whole; first += block) {
    const count = Math.min(block, whole - first);
    const rows = new Array<number>(count * itemBytes).fill(0);
    for (let bit = 0; bit < 8 * itemBytes; bit++) {
      for (let element = 0; element < count; element++) {
        const value = values[(first + element) * itemBytes + (bit >> 3)]!;
        rows[(bit * count + element) >> 3]! |= ((value >> (bit & 7)) & 1) << (element & 7);
      }
    }
    payload.push(...chained(literals(rows)));
  }
  return Uint8Array.from([...payload, ...values.subarray(whole * itemBytes)]);
}

function reversedEach(values: Uint8Array, itemBytes: number): Uint8Array {
  const result = values.slice();
  for (let at = 0; at < result.length; at += itemBytes) result.subarray(at, at + itemBytes).reverse();
  return result;
}

/** The bytes, or why there are none. */
function outcome(decoder: Decoder, { payload, elements, itemBytes, swap }: Case): Uint8Array | string {
  try {
    return decoder.decode(payload, elements, itemBytes, swap, 0);
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}

function same(one: Uint8Array | string, other: Uint8Array | string): boolean {
  if (typeof one === "string" || typeof other === "string") return one === other;
  return Buffer.compare(one, other) === 0;
}

/** The export as it is, in a memory that is full of one byte around it. */
class Bare {
  private readonly exports = new WebAssembly.Instance(module).exports as unknown as {
    memory: WebAssembly.Memory;
    SLACK: WebAssembly.Global;
    base(): number;
    decode(...numbers: number[]): number;
  };
  private readonly memory: Uint8Array;

  constructor() {
    this.exports.memory.grow(1);
    this.memory = new Uint8Array(this.exports.memory.buffer);
  }

  /** The decoded bytes, null if the payload is refused; throws if something else of the memory was changed. */
  decode({ payload, elements, itemBytes, swap }: Case, block: number, filling: number): Uint8Array | null {
    const slack = this.exports.SLACK.value as number;
    const scratch = this.exports.base();
    const target = (scratch + Math.min(block, elements) * itemBytes + slack + 15) & ~15;
    const behind = target + elements * itemBytes;
    const from = (behind + slack + 15) & ~15;
    const end = from + payload.length;
    expect(end + slack).toBeLessThanOrEqual(this.memory.length);
    this.memory.fill(filling, scratch);
    this.memory.set(payload, from);
    const numbers = [from + 12, end, scratch, target, elements, itemBytes, block, Number(swap)];
    const problem = this.exports.decode(...numbers);
    const untouched =
      this.memory.subarray(target - 16, target).every((byte) => byte === filling) &&
      this.memory.subarray(behind, from).every((byte) => byte === filling) &&
      Buffer.compare(this.memory.subarray(from, end), payload) === 0 &&
      this.memory.subarray(end, end + slack).every((byte) => byte === filling);
    if (!untouched) throw new Error("memory was changed that is not the decoder's");
    return problem === 0 ? this.memory.slice(target, behind) : null;
  }
}

describe("bitshuffle + LZ4 in WebAssembly", () => {
  it("decodes every payload of the Python library to the bytes that it was made of", () => {
    const decoder = new WasmDecoder(module);
    expect(vectors.length).toBeGreaterThan(100);
    vectors.forEach(([name, , elements, swap, , sha256], index) => {
      const bytes = outcome(decoder, cases[index]!);
      const digest = typeof bytes === "string" ? bytes : createHash("sha256").update(bytes).digest("hex");
      expect(digest, `${name}, ${elements} elements, swap ${swap}`).toBe(sha256);
    });
  });

  it.each(ITEM_BYTES)("decodes any number of elements of %d bytes, blocks of any size, either order", (itemBytes) => {
    const decoder = new WasmDecoder(module);
    const random = generator(itemBytes);
    const counts = [...Array(42).keys(), 120, 127, 128, 129, 136, 150, 255, 256, 264, 391, 700, 1027];
    for (const elements of counts) {
      const values = Uint8Array.from({ length: elements * itemBytes }, () => random(256));
      for (const block of [8, 24, 120, 128, 136, 256, 272, 1024]) {
        const payload = encode(values, itemBytes, block);
        const name = `${elements} elements in blocks of ${block}`;
        if (!same(decoder.decode(payload, elements, itemBytes, false, 0), values)) expect.fail(name);
        const turned = decoder.decode(payload, elements, itemBytes, true, 0);
        if (!same(turned, reversedEach(values, itemBytes))) expect.fail(`${name}, swapped`);
      }
    }
  });

  it("repeats what went before from any distance, for any length", () => {
    const decoder = new WasmDecoder(module);
    const reference = new Bslz4Decoder();
    for (let offset = 1; offset <= 40; offset++) {
      for (const length of [4, 5, 15, 16, 17, 18, 19, 31, 32, 33, 47, 48, 49, 64, 65, 100, 300]) {
        const before = Array.from({ length: offset + 3 }, (_, index) => 7 * index + 1);
        const elements = Math.ceil((before.length + length + 5) / 8) * 8;
        const after = new Array<number>(elements - before.length - length).fill(9);
        const [token, ...start] = literals(before);
        const extra = length - 4 - 15;
        const lengths = extra < 0 ? [] : [...new Array<number>(Math.floor(extra / 255)).fill(255), extra % 255];
        const match = [token! | Math.min(15, length - 4), ...start, offset, 0, ...lengths, ...literals(after)];
        const payload = Uint8Array.from([...header(elements, 0), ...chained(match)]);
        const bytes = decoder.decode(payload, elements, 1, false, 0);
        const expected = reference.decode(payload, elements, 1, false, 0);
        if (!same(bytes, expected)) expect.fail(`${length} bytes from ${offset} back`);
      }
    }
  });

  it("refuses a block that ends with a repetition, as the format forbids", () => {
    const payload = Uint8Array.from([...header(8, 0), ...chained([0x13, 1, 1, 0])]);
    for (const decoder of [new WasmDecoder(module), new Bslz4Decoder()]) {
      expect(() => decoder.decode(payload, 8, 1, false, 0), decoder.name).toThrow(/damaged/);
    }
  });

  it("refuses a length that is 16 when it is counted with 32 bits", () => {
    const ones = Math.floor(2 ** 32 / 255);
    const block = new Uint8Array(1 + ones + 1 + 16).fill(255, 0, 1 + ones);
    block[0] = 0xf0;
    block[1 + ones] = (2 ** 32 + 16 - 15 - 255 * ones) % 255;
    const payload = new Uint8Array(16 + block.length);
    payload.set(header(16, 0));
    new DataView(payload.buffer).setUint32(12, block.length);
    payload.set(block, 16);
    expect(() => new WasmDecoder(module).decode(payload, 16, 1, false, 0)).toThrow(/damaged/);
  });

  it("agrees with the TypeScript decoder on any damage, and touches nothing but its own memory", () => {
    const ROUNDS = 6000;
    const reference = new Bslz4Decoder();
    const decoder = new WasmDecoder(module);
    const bare = new Bare();
    const random = generator(2);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const damaged = damage(cases[random(cases.length)]!, random);
      const expected = outcome(reference, damaged);
      if (typeof expected === "string") refused++;
      // A test that formats its message each time takes ten times as long.
      if (!same(outcome(decoder, damaged), expected)) expect.fail(`round ${round}: ${String(expected)}`);
      let block: number;
      try {
        block = checkHeader(damaged.payload, damaged.elements, damaged.itemBytes);
      } catch {
        continue;
      }
      for (const filling of [0xaa, 0x55]) {
        const bytes = bare.decode(damaged, block, filling);
        if (!(bytes === null ? typeof expected === "string" : same(bytes, expected))) {
          expect.fail(`round ${round}: memory that is not the payload's was read`);
        }
      }
    }
    expect(refused).toBeGreaterThan(ROUNDS / 2.4);
    expect(ROUNDS - refused).toBeGreaterThan(ROUNDS / 12);
    for (const sound of cases) expect(same(outcome(decoder, sound), outcome(reference, sound))).toBe(true);
  });
});

/** Changes one to three things of a payload, or what is asked of it. */
function damage(sound: Case, random: (below: number) => number): Case {
  let { payload, elements, itemBytes } = sound;
  payload = payload.slice();
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(payload.length);
    const kind = random(10);
    if (kind === 0) payload[at] = random(256);
    else if (kind <= 2) payload[at]! ^= 1 << random(8);
    else if (kind === 3) payload = payload.slice(0, at + 1);
    else if (kind === 4) payload = Uint8Array.from([...payload, ...payload.slice(at)]);
    else if (kind === 5) payload.fill(255, at, at + 1 + random(8));
    else if (kind === 6) {
      // The length of the first block, or the size of blocks.
      const field = random(2) ? 15 : 11;
      if (field < payload.length) payload[field]! += random(5) - 2;
    } else if (kind === 7) {
      const other = cases[random(cases.length)]!.payload;
      payload = Uint8Array.from([...payload.subarray(0, at), ...other.subarray(Math.min(at, random(other.length)))]);
    } else if (payload.length >= 12) {
      // Another number or size of elements than the chain was made for, and a header that says so.
      if (kind === 8) elements = Math.max(0, elements + random(33) - 16);
      else itemBytes = ITEM_BYTES[random(4)]!;
      payload.set(header(elements * itemBytes, 0).slice(0, 8));
    }
  }
  return { payload, elements, itemBytes, swap: sound.swap };
}

describe("the slots of the decoder in WebAssembly", () => {
  const small = encode(
    Uint8Array.from({ length: 64 }, (_, index) => index),
    2,
    0x20,
  );
  const large = encode(new Uint8Array(300_000).fill(5), 1, 8192);

  it("keep what they hold while another is filled and grows, and while they get more memory themselves", () => {
    const decoder = new WasmDecoder(module);
    const views = [0, 1, 2].map((slot) => decoder.decode(small, 32, 2, false, slot));
    const before = views.map((view) => view.slice());
    decoder.decode(large, 300_000, 1, false, 1);
    decoder.decode(large, 300_000, 1, false, 0);
    expect(views).toEqual(before);
  });

  it("take no more memory for frames that fit, and give the same view for frames of one size", () => {
    const decoder = new WasmDecoder(module);
    const first = decoder.decode(large, 300_000, 1, false, 0);
    expect(decoder.decode(large, 300_000, 1, false, 0)).toBe(first);
    const { buffer } = decoder.decode(small, 32, 2, false, 0);
    expect(buffer).toBe(first.buffer);
    expect(first.byteOffset % 8).toBe(0);
    expect(decoder.decode(large, 300_000, 1, false, 0).buffer).toBe(first.buffer);
    expect(decoder.decode(large, 300_000, 1, false, 1).buffer).not.toBe(first.buffer);
  });

  it("say so if there is no memory", () => {
    const { Instance } = WebAssembly;
    const decoder = new WasmDecoder(module);
    WebAssembly.Instance = class {
      constructor() {
        throw new RangeError("could not allocate memory");
      }
    } as unknown as typeof Instance;
    try {
      expect(() => decoder.decode(large, 300_000, 1, false, 0)).toThrow(DecodeError);
    } finally {
      WebAssembly.Instance = Instance;
    }
    expect(decoder.decode(small, 32, 2, false, 0)).toHaveLength(64);
  });
});

describe("the choice of a decoder", () => {
  it("is WebAssembly where it runs, else TypeScript", async () => {
    expect((chooseDecoder() as Decoder).name).toBe("wasm");
    const refused = () => {
      throw new WebAssembly.CompileError("Refused to compile or instantiate WebAssembly module");
    };
    const noSuchThing = () => new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 2, 0, 0, 0));
    const chosen = await Promise.all([refused, noSuchThing].map((compile) => chooseDecoder(compile)));
    expect(chosen.map(({ name }) => name)).toEqual(["typescript", "typescript"]);
  });
});

describe("the statistics of what was decoded", () => {
  const BYTES = 4096;
  const zeros = encode(new Uint8Array(BYTES), 1, 1024);
  const TYPES: [type: new (buffer: ArrayBufferLike, at: number, length: number) => NumberArray, values: number[]][] = [
    [Uint8Array, [0, 1, 100, 254, 255]],
    [Int8Array, [-128, -1, 0, 1, 127]],
    [Uint16Array, [0, 1, 100, 40_000, 65_535]],
    [Int16Array, [-32_768, -1, 0, 1, 32_767]],
    [Uint32Array, [0, 1, 2 ** 31, 2 ** 32 - 1]],
    [Int32Array, [-(2 ** 31), -1, 0, 1, 2 ** 31 - 1]],
    [Float32Array, [-0, 0, 1.5, -3e38, 3e38, Number.NaN, Infinity, -Infinity]],
    [Float64Array, [-0, 0, 1e-300, -1e300, 1e300, Number.NaN, Infinity, -Infinity]],
  ];

  it.each(TYPES)("are the same as without WebAssembly (%o)", (type, special) => {
    const random = generator(special.length);
    const decoder = new WasmDecoder(module);
    for (let round = 0; round < 150; round++) {
      const bytes = decoder.decode(zeros, BYTES, 1, false, 0);
      const { BYTES_PER_ELEMENT: item } = type as unknown as { BYTES_PER_ELEMENT: number };
      const length = round < 3 ? round + 1 : 1 + random(BYTES / item);
      const pixels = new type(bytes.buffer, bytes.byteOffset, length);
      const [spread, every] = [1 + random(100), 1 + random(round % 3 === 0 ? 3 : 200)];
      for (let at = 0; at < length; at++) {
        pixels[at] = random(every) === 0 ? special[random(special.length)]! : 10 + random(spread);
      }
      // What lies behind the pixels is none of them.
      bytes.fill(0xff, length * item);
      const scanner = decoder.scannerOf(pixels);
      expect(scanner).not.toBeNull();
      expect(statistics(pixels, scanner)).toEqual(statistics(pixels));
    }
  });

  it("are left to TypeScript for pixels that lie elsewhere", () => {
    const decoder = new WasmDecoder(module);
    decoder.decode(zeros, BYTES, 1, false, 0);
    expect(decoder.scannerOf(new Uint16Array(100))).toBeNull();
  });

  it("count what is not finite, also where nothing else is", () => {
    const decoder = new WasmDecoder(module);
    const bytes = decoder.decode(zeros, BYTES, 1, false, 0);
    const pixels = new Float32Array(bytes.buffer, bytes.byteOffset, 1000).fill(Number.NaN);
    expect(statistics(pixels, decoder.scannerOf(pixels))).toMatchObject({ range: null, notFinite: 1000 });
    pixels.fill(5, 0, 40);
    expect(statistics(pixels, decoder.scannerOf(pixels))).toMatchObject({ range: [5, 5], notFinite: 960 });
  });
});
