/// <reference types="vitest/config" />
import { defineConfig } from "vite";
import { compressedAssets } from "./compressed-assets.ts";
import { assemblyScript } from "./wasm/plugin.ts";

// Says that the compiler of AssemblyScript takes most of the time.
const rolldownOptions = { checks: { bundlerTimings: false } };

// The page may be mounted below any path and is served under a strict Content-Security-Policy: relative addresses, nothing
// inline, and no polyfill that would add an inline script.
export default defineConfig({
  // `make dev`: what is no source comes from the server that runs beside. The table of colours lies outside of this folder.
  server: {
    fs: { allow: [".."] },
    proxy: {
      "^/(live$|api/|metrics$|healthz$|readyz$|image[.])": {
        target: process.env["VIEWER_SERVER"] ?? "http://127.0.0.1:8080",
        ws: true,
      },
    },
  },
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../stream_online_viewer/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome120", "edge120", "firefox115", "safari17"],
    chunkSizeWarningLimit: 200,
    // The page of the viewer, and the script of the list of cameras, whose page the server writes.
    rolldownOptions: { ...rolldownOptions, input: { index: "index.html", cameras: "src/cameras.ts" } },
  },
  plugins: [assemblyScript(), compressedAssets()],
  worker: { format: "es", plugins: () => [assemblyScript()], rolldownOptions },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    // To start a process and to load the modules anew for each file took five sixths of the time. So what a test puts
    // into the global scope, it takes away again: vi.unstubAllGlobals.
    pool: "threads",
    isolate: false,
    // A test that hangs ends; one on a busy machine does not.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
