import type { Decoder } from "./decoder";
import { compileDecoder, WasmDecoder } from "./wasm";

/**
 * The fastest decoder that runs here. Whether WebAssembly runs is seen by compiling it: old browsers lack its SIMD,
 * some forbid it as a whole, and a proxy may have changed the Content-Security-Policy. The other decoder is loaded when
 * it is needed, which is seldom.
 */
export function chooseDecoder(compile: () => WebAssembly.Module = compileDecoder): Decoder | Promise<Decoder> {
  try {
    return new WasmDecoder(compile());
  } catch {
    return import("./bslz4").then(({ Bslz4Decoder }) => new Bslz4Decoder());
  }
}
