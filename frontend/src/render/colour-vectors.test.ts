/** Colours that matplotlib gave to values (tests/vectors/colour), on the way of each renderer. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { DType } from "../contract";
import type { PixelArray } from "../decode/image";
import { Doubles } from "../decode/numbers";
import { BAD, OVER, UNDER } from "./colourmaps";
import { WidePicture, writeDistances } from "./distances";
import { colourPlace, scaleFor } from "./levels";
import type { Picture } from "./renderer";

interface Case {
  name: string;
  dtype: DType;
  low: number;
  high: number;
  values: string[];
  index: (number | "under" | "over" | "bad")[];
}

const file = new URL("../../../tests/vectors/colour/linear.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] };

function arrayOf(dtype: DType, values: string[]): PixelArray {
  switch (dtype) {
    case "int64":
      return BigInt64Array.from(values, BigInt);
    case "uint64":
      return BigUint64Array.from(values, BigInt);
    case "float32":
      return Float32Array.from(values, Number);
    case "float64":
      return Float64Array.from(values, Number);
    case "int8":
      return Int8Array.from(values, Number);
    case "int16":
      return Int16Array.from(values, Number);
    case "int32":
      return Int32Array.from(values, Number);
    case "uint16":
      return Uint16Array.from(values, Number);
    case "uint32":
      return Uint32Array.from(values, Number);
    default:
      return Uint8Array.from(values, Number);
  }
}

function pictureOf({ dtype, values }: Pick<Case, "dtype" | "values">): Picture {
  const data = arrayOf(dtype, values);
  const columns = values.length;
  const numbers = new Doubles().of(data, 0);
  const finite = Array.from(numbers).filter(Number.isFinite);
  return {
    image: { data, dtype, rows: 1, columns, channels: 1, shape: [1, columns] },
    numbers,
    place: { x: 0, y: 0, width: columns, height: 1, binning: 1, columns, rows: 1 },
    gray: null,
    range: finite.length === 0 ? null : [Math.min(...finite), Math.max(...finite)],
    wide: data instanceof BigInt64Array || data instanceof BigUint64Array ? data : null,
  };
}

/** Places in the palette as Canvas 2D finds them. */
function onCanvas(picture: Picture, low: number, high: number): number[] {
  const scale = scaleFor(picture.image.dtype, low, high);
  const drawn = new WidePicture().of(picture, scale.base);
  const used = drawn === picture ? scale : { ...scale, base: 0 };
  return Array.from(drawn.numbers, (value) => (Number.isNaN(value) ? BAD : colourPlace(value, used)));
}

/** The same out of the texture that WebGL has; integers up to 32 bits are in it as they are. */
function onCard(picture: Picture, low: number, high: number): number[] {
  const scale = scaleFor(picture.image.dtype, low, high);
  if (scale.integer) return onCanvas(picture, low, high);
  const texture = new Float32Array(picture.numbers.length);
  writeDistances(picture, scale, texture);
  const drawn = { ...scale, base: 0, unit: 1 };
  return Array.from(texture, (x) => (Number.isNaN(x) ? BAD : colourPlace(x, drawn)));
}

describe("the colours of matplotlib", () => {
  it.each(cases)("are those of $dtype $name, $low ... $high", (one) => {
    const named = { under: UNDER, over: OVER, bad: BAD };
    const expected = one.index.map((index) => (typeof index === "number" ? index : named[index]));
    const picture = pictureOf(one);
    // What is beyond a level by less than a 32-bit float of the span may still count as the level.
    const beyond = Array.from(picture.numbers, (value) => Math.abs(value / one.high - 1) < 2 ** -24);
    const eased = (places: number[]): number[] =>
      places.map((place, at) => (place === 255 && expected[at] === OVER && beyond[at] ? OVER : place));
    const strict = one.dtype !== "uint64" && one.dtype !== "int64";
    for (const places of [onCanvas(picture, one.low, one.high), onCard(picture, one.low, one.high)]) {
      expect(strict ? places : eased(places)).toEqual(expected);
    }
  });
});

describe("values far from zero", () => {
  it.each<[DType, bigint]>([
    ["float64", 10n ** 9n],
    ["float64", 2n ** 46n],
    ["int64", 2n ** 51n + 1n],
    ["uint64", 2n ** 51n],
    ["uint32", 2n ** 32n - 64n],
    ["int32", 2n ** 30n],
    ["int64", -(2n ** 50n)],
  ])("have 64 shades in %s %s + 0 ... 63, wherever levels around them began", (dtype, first) => {
    const values = Array.from({ length: 64 }, (_, at) => String(first + BigInt(at)));
    const picture = pictureOf({ dtype, values });
    for (const [below, above] of [
      [0, 0],
      [3, 17],
      [0.5, 200],
    ] as const) {
      const [low, high] = [Number(first) - below, Number(first) + 63 + above];
      const places = onCanvas(picture, low, high);
      expect(new Set(places).size, `${below} ${above}`).toBe(above > 100 ? new Set(places).size : 64);
      expect(places).toEqual(onCard(picture, low, high));
      const exact = values.map((_, at) => Math.min(255, Math.floor((256 * (at + below)) / (63 + below + above))));
      places.forEach((place, at) => expect(Math.abs(place - exact[at]!)).toBeLessThanOrEqual(0));
    }
  });

  it("are told apart beyond 2^53, where no double can", () => {
    const values = Array.from({ length: 64 }, (_, at) => String(2n ** 60n + BigInt(at)));
    for (const dtype of ["int64", "uint64"] as const) {
      const places = onCanvas(pictureOf({ dtype, values }), 2 ** 60, 2 ** 60 + 256);
      expect(places).toEqual(values.map((_, at) => at));
    }
  });

  it("do not change their colours when levels far away were drawn before", () => {
    const picture = pictureOf({
      dtype: "uint64",
      values: ["1700000000123456789", "1700000000123456800", "18446744073709551615"],
    });
    expect(onCanvas(picture, 1.7e18, 1.8e18)).toEqual([0, 0, OVER]);
    expect(onCard(picture, 1.7e18, 1.8e18)).toEqual([0, 0, OVER]);
  });
});

describe("the largest and the smallest numbers", () => {
  it.each<[number, number]>([
    [-1.7976931348623157e308, 1.7976931348623157e308],
    [0, 1.7976931348623157e308],
    [1e308, 1.5e308],
    [0, 1e-300],
    [-2e-310, 1e-310],
    [1e-17, 3e-17],
    [0, 1e39],
  ])("have all colours from %s to %s", (low, high) => {
    const parts = Array.from({ length: 513 }, (_, at) => low * (1 - at / 512) + high * (at / 512));
    const picture = pictureOf({ dtype: "float64", values: parts.map(String) });
    const places = onCard(picture, low, high);
    expect(places).toEqual(onCanvas(picture, low, high));
    // An eighth of a colour, where the numbers themselves are coarse.
    places.forEach((place, at) =>
      expect(Math.abs(place - Math.min(255, Math.floor(at / 2 + 1e-3)))).toBeLessThanOrEqual(at % 2 === 0 ? 1 : 0),
    );
    expect([places[0], places[512]]).toEqual([0, 255]);
    expect(new Set(places).size).toBe(256);
  });

  it("have all colours in 32 bits as well", () => {
    for (const [low, high] of [
      [-3e38, 3e38],
      [0, 1e-40],
    ] as const) {
      const parts = Array.from({ length: 256 }, (_, at) => low + ((at + 0.5) / 256) * high - ((at + 0.5) / 256) * low);
      const picture = pictureOf({ dtype: "float32", values: parts.map(String) });
      expect(onCanvas(picture, low, high)).toEqual(parts.map((_, at) => at));
      expect(onCard(picture, low, high)).toEqual(parts.map((_, at) => at));
    }
  });
});

describe("what is uploaded", () => {
  it("is the value itself for levels around zero, whatever they are, and rests while levels are moved", () => {
    for (const [low, high] of [
      [0, 1],
      [-0.3, 2],
      [-4, -0.5],
      [0.1, 0.12],
      [-7e5, 3e6],
    ] as const) {
      expect(scaleFor("float64", low, high)).toMatchObject({ base: 0, unit: 1 });
      expect(scaleFor("int64", low, high)).toMatchObject({ base: 0, unit: 1 });
    }
    const bases = new Set<number>();
    for (let step = 0; step < 100; step++) bases.add(scaleFor("float64", 1e9 + step / 10, 1e9 + 63).base);
    expect(bases.size).toBeLessThanOrEqual(4);
  });
});
