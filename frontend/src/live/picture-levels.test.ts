import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Colours, Levels } from "../contract";
import { AUTO_LEVELS, DEFAULT_COLOURS, UPRIGHT } from "../defaults";
import { encodeFrame, imageBlock, type TestBlock } from "../protocol/encoder.testing";
import { Bench } from "./bench.testing";
import type { Screen } from "./screen";

type Auto = Extract<Levels, { mode: "auto" }>;

/** Eight columns, four rows; the value is 10 * row + column. */
const PIXELS = Uint16Array.from({ length: 32 }, (_, at) => 10 * (at >> 3) + (at & 7));
const [ROWS, COLUMNS] = [4, 8];

let bench: Bench;
let sequence = 0;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.hello();
  sequence = 0;
});
afterEach(() => void vi.useRealTimers());

function setLevels(levels: Levels, colours: Partial<Colours> = {}): void {
  bench.viewer.receive({ type: "colours", colours: { ...DEFAULT_COLOURS, ...colours, levels } });
}

function auto(change: Partial<Auto>): Auto {
  return { ...(AUTO_LEVELS as Auto), ...change };
}

function show(pixels: Uint16Array | Float32Array | Int16Array = PIXELS, keys: Record<string, unknown> = {}): void {
  const dtype = pixels instanceof Float32Array ? "float32" : pixels instanceof Int16Array ? "int16" : "uint16";
  const { crop } = keys as { crop?: number[] };
  const block = imageBlock(pixels, dtype, crop === undefined ? [ROWS, COLUMNS] : [crop[3]!, crop[2]!], keys);
  bench.hear(encodeFrame({ sequence: BigInt(++sequence), blocks: [block] }));
  bench.display();
}

/** The levels of the last draw, which are those that the page is told. */
function levels(): readonly [number, number] {
  const drawn = bench.drawn[bench.drawn.length - 1]!.look.levels;
  const told = bench.of("shown");
  expect(told[told.length - 1]!.shown.levels).toEqual(drawn);
  return drawn;
}

function told() {
  const shown = bench.of("shown");
  return shown[shown.length - 1]!.shown;
}

describe("the levels of a picture", () => {
  it("are by the rule that is chosen, at once when it is chosen", () => {
    show();
    setLevels(auto({ rule: "minmax" }));
    bench.display();
    expect(levels()).toEqual([0, 37]);
    setLevels(auto({ rule: "percentile", percentiles: [0, 50] }));
    bench.display();
    expect(levels()).toEqual([0, 17]);
    setLevels(auto({ rule: "percentile", percentiles: [50, 100] }));
    bench.display();
    expect(levels()).toEqual([17, 37]);
    setLevels(auto({ rule: "sigma", sigmas: 1 }));
    bench.display();
    const mean = 18.5;
    const sigma = Math.sqrt(PIXELS.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 32);
    expect(levels()).toEqual([Math.floor(mean - sigma), Math.ceil(mean + sigma)]);
    setLevels({ mode: "manual", low: 3, high: 4.5 });
    bench.display();
    expect(levels()).toEqual([3, 4.5]);
  });

  it("are found in what is visible, however it is turned", () => {
    setLevels(auto({ rule: "minmax", of: "visible" }));
    show();
    expect(levels()).toEqual([0, 37]);
    // The canvas of 200 x 100 shows two columns and one row.
    bench.viewer.receive({ type: "view", view: { scale: 100, offsetX: -300, offsetY: -200, orientation: UPRIGHT } });
    bench.display();
    expect(levels()).toEqual([0, 37]);
    const view = { scale: 50, offsetX: -150, offsetY: -100 };
    bench.viewer.receive({ type: "view", view: { ...view, orientation: UPRIGHT } });
    bench.display();
    expect(levels()).toEqual([23, 36]);
    const mirrored = { transpose: false, mirrorX: true, mirrorY: false };
    bench.viewer.receive({ type: "view", view: { ...view, orientation: mirrored } });
    bench.display();
    expect(levels()).toEqual([21, 34]);
  });

  it("are found in a region of interest, and in the image where there is none", () => {
    // The region is told to the screen, which the viewer has for itself.
    const { screen } = bench.viewer as unknown as { screen: Screen };
    setLevels(auto({ rule: "minmax", of: "roi" }));
    screen.setLevelsRegion([1, 1, 3, 2]);
    show();
    expect(levels()).toEqual([11, 23]);
    screen.setLevelsRegion([6, 3, 100, 100]);
    bench.display();
    expect(levels()).toEqual([0, 37]);
    screen.setLevelsRegion([4, 2, 100, 100]);
    bench.display();
    expect(levels()).toEqual([24, 37]);
    screen.setLevelsRegion(null);
    bench.display();
    expect(levels()).toEqual([0, 37]);
  });

  it("rest while they would change little, and are those of a part that is steady", () => {
    const brightest = (value: number) => {
      show(PIXELS.map((pixel) => (pixel === 37 ? value : 1000 * pixel)));
      return levels();
    };
    setLevels(auto({ rule: "percentile", percentiles: [0, 100] }));
    expect(brightest(37_000)).toEqual([0, 37_000]);
    expect(brightest(37_700)).toEqual([0, 37_000]);
    expect(brightest(37_800)).toEqual([0, 37_800]);
    setLevels(auto({ rule: "minmax" }));
    expect(brightest(37_000)).toEqual([0, 37_000]);
    expect(brightest(37_100)).toEqual([0, 37_100]);
    expect(brightest(36_600)).toEqual([0, 37_100]);
    expect(brightest(36_200)).toEqual([0, 36_200]);
    setLevels(auto({ rule: "steady", of: "visible" }));
    bench.viewer.receive({ type: "view", view: { scale: 50, offsetX: 0, offsetY: 0, orientation: UPRIGHT } });
    show();
    expect(levels()[0]).toBe(0);
    expect(levels()[1]).toBeLessThan(16);
  });

  it("are those of the type, or to the saturation, when they are full", () => {
    setLevels({ mode: "full" });
    show();
    expect(levels()).toEqual([0, 65_535]);
    bench.viewer.receive({ type: "want", saturation: 1000 });
    show();
    expect(levels()).toEqual([0, 1000]);
    bench.viewer.receive({ type: "want", saturation: null });
    show(Uint16Array.from(PIXELS, (value) => (value > 34 ? 4095 : value)));
    expect(levels()).toEqual([0, 4095]);
    expect(told().saturation).toEqual({ level: 4095, guessed: true, count: 3 });
    show();
    expect(levels()).toEqual([0, 4095]);
    show(Int16Array.from(PIXELS));
    expect(levels()).toEqual([-32_768, 32_767]);
    show(Float32Array.from(PIXELS, (value) => value / 4));
    expect(levels()).toEqual([0, 9.25]);
  });

  it("stay what they were when only a part of the image is sent, and suit it if no more was seen", () => {
    const part = Uint16Array.of(22, 23, 24, 32, 33, 34);
    const keys = { crop: [2, 2, 3, 2], of: [ROWS, COLUMNS] };
    setLevels(auto({ rule: "minmax" }));
    show(part, keys);
    expect(levels()).toEqual([22, 34]);
    show();
    expect(levels()).toEqual([0, 37]);
    show(part, keys);
    expect(levels()).toEqual([0, 37]);
    expect(told().saturation.count).toBeNull();
  });

  it("have a span for a picture of one value, and are kept through one without a finite pixel", () => {
    for (const rule of ["minmax", "percentile", "sigma"] as const) {
      setLevels(auto({ rule }));
      show(new Float32Array(32).fill(Number.NaN));
      expect(levels()).toEqual([0, 1]);
      show(new Float32Array(32).fill(7));
      expect(levels()).toEqual([7, 14]);
      show(new Float32Array(32).fill(Number.NaN));
      expect(levels()).toEqual([7, 14]);
    }
  });

  it("are positive on a logarithm", () => {
    setLevels(auto({ rule: "minmax" }), { scale: "log" });
    show();
    expect(levels()).toEqual([1, 37]);
  });
});

describe("the levels of a preview", () => {
  const NUMBERS = {
    min: "100",
    max: "1123",
    sum: "500000",
    finite: 1000,
    not_finite: 0,
    saturation: null,
    saturated: 0,
  };

  async function preview(histogram = true): Promise<void> {
    const counts = new Uint32Array(1024);
    [counts[0], counts[100], counts[1023]] = [500, 490, 10];
    const { keys, payload } = imageBlock(counts, "uint32", [1024]);
    const block: TestBlock = { keys: { ...keys, role: "histogram", low: 100, width: 1 }, payload };
    bench.preview(++sequence, [0, 9, 255], { numbers: NUMBERS, levels: [90, 2000] }, histogram ? [block] : []);
    await bench.decoded();
    bench.display();
  }

  it("come from the server's numbers and counts, never from its grays", async () => {
    setLevels(auto({ rule: "minmax", of: "visible" }));
    await preview();
    expect(levels()).toEqual([100, 1123]);
    setLevels(auto({ rule: "percentile", percentiles: [10, 90] }));
    bench.display();
    expect(levels()).toEqual([100, 200]);
    setLevels(auto({ rule: "sigma", sigmas: 0 }));
    bench.display();
    expect(levels()).toEqual([500, 1000]);
    setLevels(AUTO_LEVELS);
    bench.display();
    expect(levels()).toEqual([90, 2000]);
  });

  it("are the server's own where it sent no counts", async () => {
    setLevels(auto({ rule: "percentile" }));
    await preview(false);
    expect(levels()).toEqual([90, 2000]);
  });
});
