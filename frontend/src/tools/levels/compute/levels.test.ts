import { describe, expect, it } from "vitest";
import type { DType } from "../../../contract";
import { AutoLevels } from "./levels";
import { statistics } from "../../../analysis/statistics";

/** Normal deviates that can be repeated. */
function noise(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / (2 ** 32 + 1);
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const COLUMNS = 320;
const ROWS = 240;

/** A beam on a pedestal with readout noise, as a 12-bit camera sees it. */
function beam(peak: number, normal: () => number, pedestal = 100): Uint16Array {
  const image = new Uint16Array(COLUMNS * ROWS);
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const distance = (row - 120) ** 2 + (column - 160) ** 2;
      image[row * COLUMNS + column] = Math.max(
        0,
        Math.round(pedestal + 3 * normal() + peak * Math.exp(-distance / 50)),
      );
    }
  }
  return image;
}

function levelsOf(
  image: Uint16Array | Float32Array | Float64Array,
  dtype: DType = image instanceof Uint16Array ? "uint16" : "float64",
): [number, number] {
  return new AutoLevels().update(statistics(image), dtype);
}

describe("automatic levels", () => {
  it("span something for a constant image and for one of zeros", () => {
    expect(levelsOf(new Uint16Array(100).fill(7))).toEqual([7, 14]);
    expect(levelsOf(new Uint16Array(100))).toEqual([0, 1]);
    expect(levelsOf(new Float64Array(100).fill(-0.25))).toEqual([-0.25, 0]);
  });

  it("show a beam of one pixel", () => {
    const dark = new Uint16Array(640 * 480).fill(100);
    dark[12_345] = 900;
    const [low, high] = levelsOf(dark);
    expect(low).toBe(100);
    expect(high).toBeGreaterThan(100);
    expect(high).toBeLessThanOrEqual(970);
    const noisy = beam(0, noise(1));
    noisy[12_345] = 4000;
    expect(levelsOf(noisy)[1]).toBeLessThan(4350);
  });

  it("reach from the pedestal to the peak of a small beam, which is not cut off", () => {
    const image = beam(2500, noise(2));
    const [low, high] = levelsOf(image);
    expect(low).toBeGreaterThan(85);
    expect(low).toBeLessThan(105);
    const cut = image.filter((value) => value > high).length;
    expect(cut).toBe(0);
    expect(high).toBeLessThan(2900);
  });

  it("do not follow a few defect pixels", () => {
    const large = new Uint16Array(2560 * 2160);
    const normal = noise(3);
    for (let at = 0; at < large.length; at++) large[at] = 100 + 3 * normal();
    for (let defect = 0; defect < 10; defect++) large[defect * 54_321] = 65_535;
    expect(levelsOf(large)[1]).toBeLessThan(200);
  });

  it("rest while only noise changes", () => {
    for (const peak of [0, 40, 2500]) {
      const levels = new AutoLevels();
      const normal = noise(4);
      const first = levels.update(statistics(beam(peak, normal)), "uint16");
      for (let frame = 0; frame < 20; frame++)
        expect(levels.update(statistics(beam(peak, normal)), "uint16")).toEqual(first);
    }
  });

  it("rest while the intensity jitters from shot to shot, once they have seen a bright one", () => {
    const levels = new AutoLevels();
    const normal = noise(5);
    const first = levels.update(statistics(beam(2500, normal)), "uint16");
    for (let frame = 0; frame < 20; frame++) {
      const peak = frame % 4 === 0 ? 2500 : 1200;
      expect(levels.update(statistics(beam(peak, normal)), "uint16")).toEqual(first);
    }
  });

  it("follow a brighter beam at once", () => {
    const levels = new AutoLevels();
    const normal = noise(6);
    levels.update(statistics(beam(500, normal)), "uint16");
    expect(levels.update(statistics(beam(2500, normal)), "uint16")[1]).toBeGreaterThan(2550);
  });

  it("follow a weaker beam within a few frames, and not at the first", () => {
    const levels = new AutoLevels();
    const normal = noise(7);
    const first = levels.update(statistics(beam(2500, normal)), "uint16");
    expect(levels.update(statistics(beam(500, normal)), "uint16")).toEqual(first);
    let after = first;
    for (let frame = 0; frame < 5; frame++) after = levels.update(statistics(beam(500, normal)), "uint16");
    expect(after[1]).toBeLessThan(700);
    expect(after[1]).toBeGreaterThan(600);
  });

  it("suit the brightest of the weaker frames that they follow", () => {
    const levels = new AutoLevels();
    const normal = noise(11);
    levels.update(statistics(beam(2500, normal)), "uint16");
    let after: [number, number] = [0, 0];
    for (const peak of [300, 900, 300, 300, 300]) after = levels.update(statistics(beam(peak, normal)), "uint16");
    expect(after[1]).toBeGreaterThan(1000);
  });

  it("follow a pedestal that falls at once, and one that rises within a few frames", () => {
    const levels = new AutoLevels();
    const normal = noise(8);
    levels.update(statistics(beam(500, normal, 300)), "uint16");
    expect(levels.update(statistics(beam(500, normal, 100)), "uint16")[0]).toBeLessThan(110);
    let after: [number, number] = [0, 0];
    for (let frame = 0; frame < 5; frame++) after = levels.update(statistics(beam(500, normal, 300)), "uint16");
    expect(after[0]).toBeGreaterThan(280);
  });

  it("keep what they were when a frame has no finite pixel", () => {
    const levels = new AutoLevels();
    const before = levels.update(statistics(Float32Array.of(1, 2, 3)), "float64");
    expect(levels.update(statistics(new Float32Array(3).fill(Number.NaN)), "float64")).toEqual(before);
    expect(levelsOf(new Float32Array(3).fill(Number.NaN))).toEqual([0, 1]);
  });

  it("are whole numbers for integers, and finite for the largest doubles", () => {
    expect(levelsOf(beam(33, noise(9))).every(Number.isInteger)).toBe(true);
    expect(levelsOf(Float64Array.of(-Number.MAX_VALUE, 0, Number.MAX_VALUE)).every(Number.isFinite)).toBe(true);
  });

  it("begin anew after a reset", () => {
    const levels = new AutoLevels();
    levels.update(statistics(beam(2500, noise(10))), "uint16");
    levels.reset();
    expect(levels.update(statistics(beam(500, noise(10))), "uint16")[1]).toBeLessThan(700);
  });
});

describe("levels that the server found", () => {
  it("are taken where nothing else is known, and kept by exact pixels that suit them", () => {
    const levels = new AutoLevels();
    expect(levels.present).toBeNull();
    expect(levels.follow([90, 2800])).toEqual([90, 2800]);
    for (let frame = 0; frame < 10; frame++) {
      expect(levels.update(statistics(beam(2500, noise(3))), "uint16")).toEqual([90, 2800]);
    }
    expect(levels.present).toEqual([90, 2800]);
  });

  it("change nothing while those in use suit as well, and are followed at once when they do not", () => {
    const levels = new AutoLevels();
    levels.follow([100, 1100]);
    for (const near of [
      [100, 1200],
      [0, 1100],
      [90, 900],
      [180, 1100],
    ] as const) {
      expect(levels.follow([...near])).toEqual([100, 1100]);
    }
    for (const far of [
      [100, 1300],
      [100, 500],
      [-100, 500],
      [50, 500],
    ] as const) {
      expect(levels.follow([...far])).toEqual([...far]);
    }
  });
});

describe("automatic levels of any image", () => {
  it("never leave what the type can hold", () => {
    expect(levelsOf(new Uint16Array(1000).fill(65_535))).toEqual([0, 65_535]);
    const bright = Uint16Array.from({ length: 40_000 }, (_, at) => (at < 39_000 ? 100 + (at % 7) : 65_535 - (at % 40)));
    expect(levelsOf(bright)[1]).toBe(65_535);
    const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at % 250);
    expect(new AutoLevels().update(statistics(bytes), "uint8")[1]).toBe(255);
    const largest = Float64Array.of(1.7e308, 1.2e308, -1.7e308, 5);
    const [low, high] = levelsOf(largest);
    expect([Number.isFinite(low), Number.isFinite(high)]).toEqual([true, true]);
  });

  it("let a saturated image reach the top colour", () => {
    const image = beam(9000, noise(5)).map((value) => Math.min(value, 4095));
    expect(levelsOf(image)[1]).toBe(4095);
  });

  it("keep the core of a negative image", () => {
    const image = new Int32Array(640 * 480);
    for (let at = 0; at < image.length; at++) {
      const [x, y] = [(at % 640) - 320, Math.floor(at / 640) - 240];
      image[at] = Math.round(-5 - 99_997 * Math.exp(-((x / 50) ** 2 + (y / 40) ** 2) / 2));
    }
    const [low, high] = new AutoLevels().update(statistics(image), "int32");
    expect(image.filter((value) => value < low).length).toBeLessThanOrEqual(16);
    expect(low).toBeGreaterThanOrEqual(-100_002);
    expect(high).toBeGreaterThanOrEqual(-5);
    expect(high).toBeLessThan(9000);
  });

  it("find back after one frame of random bits, as after any other", () => {
    const plain = Float64Array.from({ length: 10_000 }, (_, at) => at % 100);
    const random = plain.map((_, at) => (at % 2 === 0 ? 1 : -1) * 10 ** ((at % 616) - 308));
    const levels = new AutoLevels();
    const first = levels.update(statistics(plain), "float64");
    expect(levels.update(statistics(random), "float64")[1]).toBeGreaterThan(1e300);
    for (let frame = 0; frame < 5; frame++) levels.update(statistics(plain), "float64");
    expect(levels.present).toEqual(first);
  });

  it("follow a server's levels back from the largest numbers", () => {
    const levels = new AutoLevels();
    levels.follow([-1.7e308, 1.7e308]);
    expect(levels.follow([0, 100])).toEqual([0, 100]);
  });

  it("are of whole numbers that no double holds as near as doubles are", () => {
    const distances = Float64Array.from({ length: 64 }, (_, at) => at);
    expect(new AutoLevels().update(statistics(distances), "uint64", 2 ** 60)).toEqual([2 ** 60, 2 ** 60 + 256]);
    expect(new AutoLevels().update(statistics(distances), "int64", -(2 ** 60))).toEqual([-(2 ** 60), -(2 ** 60) + 128]);
    const levels = new AutoLevels();
    levels.update(statistics(distances), "int64", 2 ** 60);
    const wider = distances.map((one) => one * 1000);
    expect(levels.update(statistics(wider), "int64", 2 ** 60)[1]).toBeGreaterThanOrEqual(2 ** 60 + 63_000);
  });
});
