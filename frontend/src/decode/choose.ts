import { Bslz4Decoder } from "./bslz4";
import type { Decoder } from "./decoder";
import { compileDecoder, WasmDecoder } from "./wasm";

/**
 * The fastest decoder that runs here. Whether WebAssembly runs is seen by compiling it: old browsers lack its SIMD,
 * some forbid it as a whole, and a proxy may have changed the Content-Security-Policy.
 */
export function chooseDecoder(compile: () => WebAssembly.Module = compileDecoder): Decoder {
  try {
    return new WasmDecoder(compile());
  } catch {
    return new Bslz4Decoder();
  }
}
