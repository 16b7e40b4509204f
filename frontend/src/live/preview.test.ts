import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_COLOURS, UPRIGHT } from "../defaults";
import { imageBlock } from "../protocol/encoder.testing";
import { Bench, settled } from "./bench.testing";

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.hello();
});
afterEach(() => void vi.useRealTimers());

function drawn(): number[][] {
  return bench.drawn.map(({ values }) => values);
}

describe("a preview on its way to the screen", () => {
  it("is acknowledged in the animation frame after its draw, however late the decoder answers", async () => {
    bench.preview(1, [1, 2, 3]);
    bench.display();
    expect(bench.acknowledged()).toEqual([]);
    await bench.decoded();
    expect(bench.acknowledged()).toEqual([]);
    bench.display();
    expect(drawn()).toEqual([[1, 2, 3]]);
    expect(bench.acknowledged()).toEqual([1]);
  });

  it("gives way to newer frames, of which only the newest is decoded next", async () => {
    bench.preview(1, [1]);
    bench.preview(2, [2]);
    bench.image(3, 3);
    bench.preview(4, [4]);
    expect(bench.acknowledged()).toEqual([2, 3]);
    expect(bench.decodings).toHaveLength(1);
    await bench.decoded();
    expect(bench.decodings).toHaveLength(0);
    bench.display();
    await bench.decoded();
    bench.display();
    expect(drawn()).toEqual([[1], [4]]);
    expect(bench.acknowledged()).toEqual([2, 3, 1, 4]);
  });

  it("is acknowledged at once and not drawn when the screen is cleared meanwhile", async () => {
    bench.preview(1, [1]);
    bench.viewer.receive({ type: "want", slice: 1 });
    expect(bench.acknowledged()).toEqual([1]);
    bench.preview(2, [2]);
    expect(bench.decodings).toHaveLength(1);
    await bench.decoded();
    await bench.decoded();
    bench.display();
    expect(drawn()).toEqual([[2]]);
    expect(bench.acknowledged()).toEqual([1, 2]);
  });

  it("that was given up leaves no levels behind", async () => {
    bench.preview(1, [1], { levels: [500, 900] });
    bench.viewer.receive({ type: "want", slice: 1 });
    await bench.decoded();
    bench.preview(2, [2], { levels: [0, 100] });
    await bench.decoded();
    bench.display();
    expect(bench.drawn[0]?.look.levels).toEqual([0, 100]);
  });

  it("that is damaged is acknowledged, told once in ten seconds, and does not stop the next", async () => {
    for (const sequence of [1, 2]) {
      bench.preview(sequence, [1]);
      bench.decodings.shift()!.reject(new Error("no JPEG"));
      await settled();
    }
    expect(bench.acknowledged()).toEqual([1, 2]);
    expect(bench.of("error").map(({ text }) => text)).toEqual(["a preview is damaged"]);
    bench.preview(3, [3]);
    await bench.decoded();
    bench.display();
    expect(drawn()).toEqual([[3]]);
    vi.advanceTimersByTime(10_001);
    bench.preview(4, [1]);
    bench.decodings.shift()!.reject(new Error("no JPEG"));
    await settled();
    expect(bench.of("error")).toHaveLength(2);
  });

  it("keeps the grays on screen while the next one is decoded", async () => {
    bench.preview(1, [1, 2]);
    await bench.decoded();
    bench.display();
    bench.preview(2, [3, 4]);
    await bench.decoded();
    bench.viewer.receive({ type: "view", view: { scale: 1, offsetX: 0, offsetY: 0, orientation: UPRIGHT } });
    bench.preview(3, [5, 6]);
    bench.display();
    expect(drawn()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

const NUMBERS = {
  min: "3",
  max: "18446744073709551615",
  sum: "99999999999999999999",
  finite: 5,
  not_finite: 1,
  saturation: null,
  saturated: 0,
};

describe("what the page is told of a preview", () => {
  it("are the exact numbers of the image, never those of its grays", async () => {
    bench.preview(1, [0, 255], { binning: 3, of: [3, 5], numbers: NUMBERS, source_dtype: "uint64", levels: [3, 50] });
    await bench.decoded();
    bench.display();
    const { numbers, ...shown } = bench.of("shown")[0]!.shown;
    expect(shown).toMatchObject({
      choice: "preview",
      format: "jpeg",
      exact: false,
      of: [3, 5],
      shape: [1, 2],
      binning: 3,
      dtype: "uint8",
      sourceDtype: "uint64",
      range: [3, 2 ** 64],
      notFinite: 1,
      levels: [3, 50],
      rounded: null,
    });
    expect(numbers).toMatchObject({ max: "18446744073709551615", sum: "99999999999999999999" });
  });

  it("are no pixels: they are refused with a reason", async () => {
    bench.preview(1, [1]);
    await bench.decoded();
    bench.display();
    bench.viewer.receive({ type: "pixels", id: 4 });
    expect(bench.of("pixels")[0]).toMatchObject({ id: 4, data: null });
    expect(bench.of("pixels")[0]?.reason).toContain("choose exact");
  });

  it("are its sums and its histogram on demand", async () => {
    const blocks = [
      imageBlock(Uint32Array.of(1, 2), "uint32", [2], { role: "profile", axis: "x" }),
      imageBlock(Float64Array.of(0.5), "float64", [1], { role: "profile", axis: "y" }),
      imageBlock(Uint32Array.of(7, 8, 9), "uint32", [3], { role: "histogram", low: "-5", width: 2.5 }),
      imageBlock(Uint32Array.of(1), "uint32", [1], { role: "profile", axis: "z" }),
    ];
    bench.viewer.receive({ type: "profiles", id: 1 });
    bench.preview(1, [1], {}, blocks);
    await bench.decoded();
    bench.display();
    bench.viewer.receive({ type: "profiles", id: 2 });
    const [none, some] = bench.of("profiles");
    expect(none).toMatchObject({ pulse: null, profiles: null });
    expect(some?.pulse?.sequence).toBe(1n);
    expect(some?.profiles).toEqual({
      x: { dtype: "uint32", shape: [2], values: Float64Array.of(1, 2) },
      y: { dtype: "float64", shape: [1], values: Float64Array.of(0.5) },
      histogram: { counts: { dtype: "uint32", shape: [3], values: Float64Array.of(7, 8, 9) }, low: -5, width: 2.5 },
    });
  });
});

describe("the value under the cursor of a preview", () => {
  const detail = (values: number[], crop: number[]) =>
    imageBlock(Uint16Array.from(values), "uint16", [1, values.length], { role: "detail", crop, of: [1, 8] });

  function readings(): [string, string, number][] {
    return bench.of("cursor").map(({ text, state, sequence }) => [text, state, Number(sequence)]);
  }

  it("is the exact one of the same pulse, and none until it comes", async () => {
    bench.viewer.receive({ type: "cursor", pixel: { row: 0, column: 5 } });
    for (const [sequence, blocks] of [
      [1, []],
      [2, [detail([400, 500, 600], [4, 0, 3, 1])]],
      [3, [detail([40, 50, 60], [4, 0, 3, 1])]],
      [4, [detail([1, 2], [0, 0, 2, 1])]],
    ] as const) {
      bench.preview(sequence, [9, 9], { binning: 4, of: [1, 8] }, [...blocks]);
      await bench.decoded();
      bench.display();
      vi.advanceTimersByTime(100);
    }
    expect(readings()).toEqual([
      ["", "waiting", 1],
      ["500", "exact", 2],
      ["50", "exact", 3],
      ["", "waiting", 4],
    ]);
  });

  it("is asked for where the cursor is", async () => {
    bench.viewer.receive({ type: "cursor", pixel: { row: 0, column: 5 } });
    bench.preview(1, [9, 9], { binning: 4, of: [1, 8] });
    await bench.decoded();
    bench.display();
    expect(bench.wants()[1]).toEqual({ kind: "want", hover: [5, 0] });
  });
});

describe("a part of the image", () => {
  const keys = { crop: [10, 20, 1, 1], of: [100, 200] };

  it("is drawn and read at its place, and its pixels say which part they are", () => {
    bench.image(1, 7, keys);
    bench.display();
    expect(bench.of("shown")[0]?.shown).toMatchObject({ choice: "crop", exact: true, ...keys });
    for (const [row, column] of [
      [20, 10],
      [0, 0],
      [20, 11],
    ] as const) {
      bench.viewer.receive({ type: "cursor", pixel: { row, column } });
      vi.advanceTimersByTime(100);
    }
    expect(bench.of("cursor").map(({ text, state }) => [text, state])).toEqual([
      ["7", "exact"],
      ["", "outside"],
      ["", "outside"],
    ]);
    bench.viewer.receive({ type: "pixels", id: 1 });
    expect(bench.of("pixels")[0]).toMatchObject({ crop: [10, 20, 1, 1], shape: [1, 1], reason: null });
  });

  it("that does not lie in its image is refused", () => {
    bench.image(1, 7, { crop: [200, 0, 1, 1], of: [100, 200] });
    bench.image(2, 7, { crop: [0, 0, 2, 1], of: [100, 200] });
    bench.image(3, 7, { crop: [0, 0, 1, 1] });
    bench.display();
    expect(bench.drawn).toEqual([]);
    expect(bench.acknowledged()).toEqual([1, 2, 3]);
  });

  it("keeps the levels of the whole image, and has its own only where nothing else is known", () => {
    bench.image(1, 900, { crop: [1, 1, 1, 1], of: [9, 9] });
    bench.display();
    bench.image(2, 100);
    bench.display();
    bench.image(3, 5000, { crop: [1, 1, 1, 1], of: [9, 9] });
    bench.display();
    expect(bench.drawn.map(({ look }) => look.levels)).toEqual([
      [900, 1800],
      [100, 200],
      [100, 200],
    ]);
  });
});

describe("the levels of a picture whose format changes", () => {
  it("stay what they were while they suit", async () => {
    bench.image(1, 100);
    bench.display();
    bench.preview(2, [1], { levels: [95, 210] });
    await bench.decoded();
    bench.display();
    bench.image(3, 101);
    bench.display();
    bench.preview(4, [1], { levels: [95, 900] });
    await bench.decoded();
    bench.display();
    expect(bench.drawn.map(({ look }) => look.levels)).toEqual([
      [100, 200],
      [100, 200],
      [100, 200],
      [95, 900],
    ]);
  });

  it("are those that a person chose, whatever the server took", async () => {
    bench.viewer.receive({
      type: "colours",
      colours: { ...DEFAULT_COLOURS, colourMap: "gray", levels: { mode: "manual", low: 3, high: 9 } },
    });
    bench.preview(1, [1], { levels: [0, 10] });
    await bench.decoded();
    bench.display();
    expect(bench.drawn[0]?.look.levels).toEqual([3, 9]);
    expect(bench.wants()[1]).toEqual({ kind: "want", levels: [3, 9] });
  });
});
