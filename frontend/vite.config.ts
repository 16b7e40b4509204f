/// <reference types="vitest/config" />
import { defineConfig } from "vite";

// The page may be mounted below any path and is served under a strict Content-Security-Policy: relative addresses, nothing
// inline, and no polyfill that would add an inline script.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../stream_online_viewer/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome120", "edge120", "firefox115", "safari17"],
    chunkSizeWarningLimit: 200,
  },
  worker: { format: "es" },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
