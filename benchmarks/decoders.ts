/** Runs in node or in a worker of a browser: both decoders of the page in turns on the same payloads. */

import { Bslz4Decoder } from "../frontend/src/decode/bslz4";
import type { Decoder } from "../frontend/src/decode/decoder";
import { compileDecoder, WasmDecoder } from "../frontend/src/decode/wasm";

interface Case {
  name: string;
  elements: number;
  itemBytes: number;
  payload: Uint8Array;
}

/** Milliseconds for each image, one figure for each round. */
interface Times {
  wasm: number[];
  typescript: number[];
  /** of a new decoder, compiling included: first, second, ... image */
  wasmFirst: number[];
  typescriptFirst: number[];
}

const FIRST = 8;

/** Decodes each case for `seconds` with one decoder, then with the other, `rounds` times. */
export function measure(cases: Case[], rounds: number, seconds: number): Record<string, Times> {
  const wasmFirst = new Map(cases.map((image) => [image.name, first(() => new WasmDecoder(compileDecoder()), image)]));
  const typescriptFirst = new Map(cases.map((image) => [image.name, first(() => new Bslz4Decoder(), image)]));
  const wasm = new WasmDecoder(compileDecoder());
  const typescript = new Bslz4Decoder();
  const result: Record<string, Times> = {};
  for (const image of cases) {
    if (!equal(decode(wasm, image), decode(typescript, image))) throw new Error(`${image.name}: the decoders disagree`);
    repeat(wasm, image, seconds);
    repeat(typescript, image, seconds);
    const times: Times = {
      wasm: [],
      typescript: [],
      wasmFirst: wasmFirst.get(image.name)!,
      typescriptFirst: typescriptFirst.get(image.name)!,
    };
    for (let round = 0; round < rounds; round++) {
      times.wasm.push(repeat(wasm, image, seconds));
      times.typescript.push(repeat(typescript, image, seconds));
    }
    result[image.name] = times;
  }
  return result;
}

function first(make: () => Decoder, image: Case): number[] {
  let start = performance.now();
  const decoder = make();
  return Array.from({ length: FIRST }, () => {
    decode(decoder, image);
    const end = performance.now();
    const took = end - start;
    start = end;
    return took;
  });
}

/** Mean over many images: the clock of a browser may have steps of 0.1 ms. */
function repeat(decoder: Decoder, image: Case, seconds: number): number {
  const start = performance.now();
  let count = 0;
  let passed = 0;
  while (passed < 1000 * seconds) {
    decode(decoder, image);
    count++;
    passed = performance.now() - start;
  }
  return passed / count;
}

function decode(decoder: Decoder, { payload, elements, itemBytes }: Case): Uint8Array {
  return decoder.decode(payload, elements, itemBytes, false, 0);
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
