/** Reads the archives of arrays that numpy writes (`numpy.savez`), for tests. */

import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

export interface Npy {
  shape: number[];
  /** of numbers; a text is in `text` */
  values: Float64Array;
  dtype: string;
  text: string;
}

const CENTRAL = 0x02014b50;
const END = 0x06054b50;

/** The arrays of a file by name. */
export function readNpz(file: URL): Map<string, Npy> {
  const bytes = readFileSync(file);
  let at = bytes.length - 22;
  while (bytes.readUInt32LE(at) !== END) at--;
  const count = bytes.readUInt16LE(at + 10);
  at = bytes.readUInt32LE(at + 16);
  const found = new Map<string, Npy>();
  for (let entry = 0; entry < count; entry++) {
    if (bytes.readUInt32LE(at) !== CENTRAL) throw new Error("not an archive");
    const deflated = bytes.readUInt16LE(at + 10) === 8;
    const size = bytes.readUInt32LE(at + 20);
    const [name, extra, comment] = [28, 30, 32].map((place) => bytes.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + size);
    found.set(
      bytes.toString("latin1", at + 46, at + 46 + name).replace(/\.npy$/, ""),
      npyOf(deflated ? inflateRawSync(data) : data),
    );
    at += 46 + name + extra + comment;
  }
  return found;
}

function npyOf(bytes: Buffer): Npy {
  const header = bytes.toString("latin1", 10, 10 + bytes.readUInt16LE(8));
  const dtype = /'descr': '([^']+)'/.exec(header)![1]!;
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  const data = Uint8Array.from(bytes.subarray(10 + header.length)).buffer;
  if (dtype.startsWith("<U")) {
    const text = String.fromCodePoint(...new Uint32Array(data).filter((code) => code !== 0));
    return { shape, dtype, values: new Float64Array(0), text };
  }
  const arrays: Record<string, (data: ArrayBuffer) => ArrayLike<number>> = {
    "<u2": (of) => new Uint16Array(of),
    "<i4": (of) => new Int32Array(of),
    "<i8": (of) => Array.from(new BigInt64Array(of), Number),
    "<f4": (of) => new Float32Array(of),
    "<f8": (of) => new Float64Array(of),
  };
  const read = arrays[dtype];
  if (read === undefined) throw new Error(`arrays of ${dtype} are not read`);
  return { shape, dtype, values: Float64Array.from(read(data)), text: "" };
}
