import { assemblyScript } from "../frontend/wasm/plugin.ts";

/** Bundles what benchmarks/decoders.py runs. */
export default {
  logLevel: "warn",
  plugins: [assemblyScript()],
  build: {
    lib: { entry: new URL("decoders.ts", import.meta.url).pathname, formats: ["es"], fileName: () => "decoders.mjs" },
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
};
