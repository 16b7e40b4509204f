/** What `wasm/plugin.ts` makes of a file in AssemblyScript: WebAssembly as base64. */
declare module "*?asc" {
  const base64: string;
  export default base64;
}
