/** The rule of automatic levels that the server has too (tests/vectors/levels). */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DType } from "../../../contract";
import { Doubles } from "../../../decode/numbers";
import { automatic } from "../../../live/prepare";
import type { Picture } from "../../../render/renderer";
import { AutoLevels } from "./levels";
import { type Statistics, statistics } from "../../../analysis/statistics";

type Spread = Record<"minimum" | "dark" | "foot" | "peak" | "maximum", string> | null;

interface Vectors {
  sequences: { name: string; dtype: DType; frames: { spread: Spread; levels: [number, number] }[] }[];
  images: { name: string; dtype: DType; values: string[]; spread: Spread; levels: [number, number] }[];
}

const file = new URL("../../../../../tests/vectors/levels/steady.json", import.meta.url);
const { sequences, images } = JSON.parse(readFileSync(file, "utf8")) as Vectors;

const isWide = (dtype: DType): boolean => dtype === "int64" || dtype === "uint64";

/** As distances from the lowest value, where doubles do not hold the numbers. */
function statisticsOf(spread: Spread, dtype: DType): { counted: Statistics; base: number } {
  if (spread === null) return { counted: { range: null, notFinite: 0, peak: 0, dark: 0, foot: 0 }, base: 0 };
  const span = Number(spread.maximum) - Number(spread.minimum);
  const base = isWide(dtype) && span < 2 ** 53 ? Number(spread.minimum) : 0;
  const from = (text: string): number => (base === 0 ? Number(text) : Number(BigInt(text) - BigInt(base)));
  const { minimum, dark, foot, peak, maximum } = spread;
  const range: [number, number] = [from(minimum), from(maximum)];
  return { counted: { range, notFinite: 0, peak: from(peak), dark: from(dark), foot: from(foot) }, base };
}

describe("steady levels", () => {
  it.each(sequences)("are those of the server: $name, $dtype", ({ dtype, frames }) => {
    const levels = new AutoLevels();
    const found = frames.map(({ spread }) => {
      const { counted, base } = statisticsOf(spread, dtype);
      return [...levels.update(counted, dtype, base)];
    });
    expect(found).toEqual(frames.map((frame) => frame.levels));
  });

  it.each(images)("are found in the pixels: $name, $dtype", ({ dtype, values, spread, levels }) => {
    const wide =
      dtype === "int64"
        ? BigInt64Array.from(values, BigInt)
        : dtype === "uint64"
          ? BigUint64Array.from(values, BigInt)
          : null;
    const types = {
      int8: Int8Array,
      int16: Int16Array,
      uint8: Uint8Array,
      uint16: Uint16Array,
      int32: Int32Array,
      uint32: Uint32Array,
      float32: Float32Array,
    };
    const type = types[dtype as keyof typeof types] ?? Float64Array;
    const data = wide ?? new type(values.map(Number));
    const numbers = new Doubles().of(data, 0);
    const counted = statistics(numbers);
    const columns = values.length;
    const picture: Picture = {
      image: { data, dtype, rows: 1, columns, channels: 1, shape: [1, columns] },
      numbers,
      wide,
      gray: null,
      range: counted.range,
      place: { x: 0, y: 0, width: columns, height: 1, binning: 1, columns, rows: 1 },
    };
    expect(automatic(new AutoLevels(), counted, picture, dtype)).toEqual(levels);
    if (spread === null) expect(counted.range).toBeNull();
    else if (wide === null) {
      const { minimum, dark, foot, peak, maximum } = spread;
      expect([...counted.range!, counted.dark, counted.foot, counted.peak]).toEqual(
        [minimum, maximum, dark, foot, peak].map(Number),
      );
    }
  });
});
