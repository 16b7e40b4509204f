import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Plugin } from "vite";

const QUERY = "?asc";
/** Measured: any step of `shrinkLevel` leaves the small functions uninlined, and takes two and a half times as long. */
const OPTIONS = ["-O3", "--converge", "--runtime", "stub", "--enable", "simd", "--noAssert"];

/**
 * Lets modules import what AssemblyScript makes of a file: `import base64 from "./decoder.ts?asc"`. A text within the
 * script needs no request of its own, and none of the Content-Security-Policy's leave.
 */
export function assemblyScript(): Plugin {
  return {
    name: "assemblyscript",
    enforce: "pre",
    async load(id) {
      if (!id.endsWith(QUERY)) return null;
      const file = id.slice(0, -QUERY.length);
      this.addWatchFile(file);
      return `export default ${JSON.stringify(Buffer.from(await compile(file)).toString("base64"))};`;
    },
  };
}

/** Compiles one file that imports no other; throws what the compiler has to say. */
async function compile(file: string): Promise<Uint8Array> {
  // Loading the compiler takes a good part of a second: only when there is something to compile.
  const { default: asc } = await import("assemblyscript/asc");
  let binary: Uint8Array | null = null;
  const { error, stderr } = await asc.main([basename(file), "--outFile", "binary", ...OPTIONS], {
    readFile: async (name, folder) => {
      try {
        return await readFile(resolve(dirname(file), folder, name), "utf8");
      } catch {
        return null;
      }
    },
    writeFile: (name, content) => {
      if (name === "binary") binary = content as unknown as Uint8Array;
    },
    listFiles: () => null,
  });
  if (error !== null || binary === null) {
    throw new Error(`${file}: ${error?.message ?? "no output"}\n${stderr.toString()}`);
  }
  return binary;
}
