import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const COMPRESSIBLE = /^assets\/.*\.(css|js|json|svg|wasm)$/;

const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);

/**
 * Writes each asset compressed beside itself, as `.gz` and `.br`, for the server to choose from. Brotli's quality is the
 * best by default. The same asset always gives the same bytes: node writes no time into the header of gzip.
 */
export function compressedAssets(): Plugin {
  return {
    name: "compressed-assets",
    apply: "build",
    async writeBundle({ dir = "." }, bundle) {
      const files = Object.values(bundle).filter(({ fileName }) => COMPRESSIBLE.test(fileName));
      await Promise.all(
        files.map(async (file) => {
          const plain = Buffer.from(file.type === "chunk" ? file.code : file.source);
          const path = join(dir, file.fileName);
          await writeFile(`${path}.gz`, await gzipped(plain, { level: constants.Z_BEST_COMPRESSION }));
          await writeFile(`${path}.br`, await brotlied(plain));
        }),
      );
    },
  };
}
