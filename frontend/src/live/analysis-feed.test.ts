import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AnalysisWish, Axis, Roi } from "../contract";
import { AUTO_LEVELS, DEFAULT_COLOURS } from "../defaults";
import { encodeFrame, imageBlock, type TestBlock } from "../protocol/encoder.testing";
import { Bench } from "./bench.testing";

const PIXEL: Axis = { kind: "pixel" };
const NOTHING: AnalysisWish = {
  histogram: false,
  projections: null,
  rois: [],
  levelsRoi: null,
  line: null,
  axes: { x: PIXEL, y: PIXEL },
};
const OF_IMAGE = { roi: null, baseline: "none", fit: false } as const;
const REGION: Roi = { id: 3, name: "beam", shape: { kind: "rectangle", x: 1, y: 0, width: 2, height: 2 } };
/** Two rows of four pixels. */
const PIXELS = Uint16Array.of(1, 2, 3, 4, 10, 20, 30, 40);

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.hello();
});
afterEach(() => void vi.useRealTimers());

function wish(change: Partial<AnalysisWish>): void {
  bench.viewer.receive({ type: "analyse", wish: { ...NOTHING, ...change } });
}

function image(sequence: number, pixels = PIXELS, keys: Record<string, unknown> = {}, shape = [2, 4]): void {
  const blocks = [imageBlock(pixels, "uint16", shape, keys)];
  bench.hear(encodeFrame({ sequence: BigInt(sequence), pulseId: 500n, blocks }));
}

function analyses() {
  return bench.of("analysis").map(({ analysis }) => analysis);
}

function last() {
  return analyses()[analyses().length - 1];
}

function profile(axis: "x" | "y", sums: number[]): TestBlock {
  const { keys, payload } = imageBlock(Float64Array.from(sums), "float64", [sums.length]);
  return { keys: { ...keys, role: "profile", axis }, payload };
}

async function preview(sequence: number, keys: Record<string, unknown> = {}): Promise<void> {
  const { keys: counts, payload } = imageBlock(Uint32Array.of(5, 3), "uint32", [2]);
  bench.preview(sequence, [1, 2, 3, 4], { of: [1, 4], ...keys }, [
    profile("x", [11, 22, 33, 44]),
    profile("y", [110]),
    { keys: { ...counts, role: "histogram", low: 1, width: 20 }, payload },
  ]);
  await bench.decoded();
  bench.display();
  vi.advanceTimersByTime(1);
}

describe("an analysis", () => {
  it("costs nothing while nothing is wanted", () => {
    image(1);
    bench.display();
    vi.runAllTimers();
    wish({});
    expect(vi.getTimerCount()).toBe(0);
    image(2);
    bench.display();
    vi.runAllTimers();
    expect(analyses()).toEqual([]);
  });

  it("comes after its frame was drawn and acknowledged, and names it", () => {
    wish({ projections: OF_IMAGE });
    image(1);
    bench.display();
    expect(bench.acknowledged()).toEqual([1]);
    expect(analyses()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(last()).toMatchObject({ pulse: { sequence: 1n, pulseId: 500n }, channel: "image", source: "pixels" });
  });

  it("is never that of a frame that is not on screen any more", () => {
    wish({ projections: OF_IMAGE });
    image(1);
    bench.display();
    bench.viewer.receive({ type: "want", slice: 1 });
    vi.runAllTimers();
    expect(analyses()).toEqual([]);
    image(2);
    bench.display();
    image(3);
    bench.display();
    vi.advanceTimersByTime(1);
    expect(analyses().map(({ pulse }) => pulse.sequence)).toEqual([3n]);
  });

  it("is made ten times a second at most, and in the end for the picture that stays", () => {
    wish({ projections: OF_IMAGE });
    for (let sequence = 1; sequence <= 100; sequence++) {
      image(sequence);
      bench.display();
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(100);
    expect(analyses().length).toBeGreaterThan(9);
    expect(analyses().length).toBeLessThan(13);
    expect(last()!.pulse.sequence).toBe(100n);
    expect(last()!.rate).toBeGreaterThan(9);
  });

  it.each([
    { sent: 50, least: 9, most: 11 },
    { sent: 60, least: 5, most: 6 },
  ])("takes a third of a core at most while pictures are missed: fifty of $sent", ({ sent, least, most }) => {
    bench.computing.tookMs = 60;
    bench.hear({ kind: "status", source: { image_rate: sent } });
    wish({ rois: [REGION] });
    for (let sequence = 1; sequence <= 100; sequence++) {
      image(sequence);
      bench.display();
      vi.advanceTimersByTime(20);
      if (sequence === 50) bench.computing.samples.length = 0;
    }
    expect(bench.computing.samples.length).toBeGreaterThanOrEqual(least);
    expect(bench.computing.samples.length).toBeLessThanOrEqual(most);
  });

  it("is never waited for, and then made of the newest picture in the memory of the last one", () => {
    bench.computing.slow = true;
    wish({ projections: OF_IMAGE });
    for (let sequence = 1; sequence <= 5; sequence++) {
      image(
        sequence,
        PIXELS.map((value) => value + sequence),
      );
      bench.display();
      vi.advanceTimersByTime(200);
    }
    expect(bench.acknowledged()).toEqual([1, 2, 3, 4, 5]);
    expect(bench.computing.samples.map(({ pulse }) => pulse.sequence)).toEqual([1n]);
    const made = vi.spyOn(globalThis, "ArrayBuffer");
    bench.computing.work();
    vi.advanceTimersByTime(1);
    bench.computing.work();
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
    expect(analyses().map(({ pulse }) => pulse.sequence)).toEqual([1n, 5n]);
    expect(analyses().map(({ projections }) => projections!.x.values[0])).toEqual([13, 21]);
  });

  it("goes on with a worker that takes the place of one that is gone", () => {
    bench.computing.slow = true;
    wish({ projections: OF_IMAGE });
    image(1);
    bench.display();
    vi.advanceTimersByTime(1);
    expect(bench.computing.samples).toHaveLength(1);
    bench.restartComputing();
    vi.advanceTimersByTime(1);
    expect(last()!.pulse.sequence).toBe(1n);
  });

  it("is made again when something else is wanted of a picture that is held", () => {
    image(1);
    bench.display();
    bench.viewer.receive({ type: "pause", paused: true });
    wish({ projections: OF_IMAGE });
    vi.advanceTimersByTime(50);
    wish({ rois: [REGION] });
    vi.advanceTimersByTime(50);
    const found = analyses().map(({ projections, rois }) => [projections !== null, rois.length]);
    expect(found).toEqual([
      [true, 0],
      [false, 1],
    ]);
  });
});

describe("what is computed of exact pixels", () => {
  it("is projections, histogram, regions and the values along a line", () => {
    wish({
      histogram: true,
      projections: OF_IMAGE,
      rois: [REGION],
      line: { x0: 0, y0: 1, x1: 3, y1: 1, width: 1 },
      axes: { x: { kind: "linear", origin: 10, step: 2, unit: "mm" }, y: PIXEL },
    });
    image(1);
    bench.display();
    vi.advanceTimersByTime(1);
    const { projections, histogram, rois, line, missing } = last()!;
    expect(missing).toBeNull();
    expect(projections).toMatchObject({ region: [0, 0, 4, 2], x: { first: 0, baseline: 0, fit: null } });
    expect(Array.from(projections!.x.values)).toEqual([11, 22, 33, 44]);
    expect(Array.from(projections!.y.values)).toEqual([10, 100]);
    expect(projections!.x.moments.com).toBeCloseTo(14, 9);
    expect(histogram!.counts.reduce((sum, count) => sum + count)).toBe(8);
    expect(rois[0]).toMatchObject({ id: 3, pixels: 4, sum: 55, min: 2, max: 30, missing: 0 });
    expect(Array.from(line!.values)).toEqual([10, 20, 30, 40]);
  });

  it("is regions and lines of 64-bit integers with all their digits, or the word that they are rounded", () => {
    const first = 1_700_000_000_123_456_789n;
    const pixels = BigInt64Array.from({ length: 8 }, (_, at) => first + BigInt(at));
    const along = { x0: 0, y0: 1, x1: 3, y1: 1 };
    const lines = [1, 3].map((width, at) => {
      wish({ rois: [REGION], line: { ...along, width } });
      bench.hear(encodeFrame({ sequence: BigInt(at + 1), blocks: [imageBlock(pixels, "int64", [2, 4])] }));
      bench.display();
      vi.advanceTimersByTime(50);
      return last()!.line!;
    });
    // The second and third pixel of both rows.
    const sum = 4n * first + 1n + 2n + 5n + 6n;
    expect(last()!.rois[0]!.exact).toEqual({ sum, min: first + 1n, max: first + 6n, pixels: 4 });
    expect(lines[0]!.exact).toEqual([4n, 5n, 6n, 7n].map((more) => first + more));
    expect(lines[1]).toMatchObject({ rounded: true });
    expect(lines[1]!.exact).toBeUndefined();
  });

  it("is the projections of a region's box, less their baseline", () => {
    wish({ rois: [REGION], projections: { roi: 3, baseline: "minimum", fit: true } });
    image(1);
    bench.display();
    vi.advanceTimersByTime(1);
    const { projections } = last()!;
    expect(projections!.region).toEqual([1, 0, 2, 2]);
    expect(projections!.x).toMatchObject({ first: 1, baseline: 22, fit: { state: "empty" } });
    expect(Array.from(projections!.x.values)).toEqual([0, 11]);
  });

  it("marks fits of saturated pixels of the region, not of others", () => {
    bench.viewer.receive({ type: "want", saturation: 30 });
    const small: Roi = { id: 4, name: "", shape: { kind: "rectangle", x: 0, y: 0, width: 2, height: 2 } };
    for (const roi of [3, 4]) {
      wish({ rois: [REGION, small], projections: { roi, baseline: "none", fit: true } });
      image(roi);
      bench.display();
      vi.advanceTimersByTime(100);
    }
    expect(analyses().map(({ projections }) => projections!.x.fit!.mark)).toEqual(["saturated", null]);
  });

  it("is, of a part of the image, only what lies in it", () => {
    wish({ histogram: true, projections: OF_IMAGE, rois: [REGION] });
    image(1, Uint16Array.of(2, 20), { crop: [1, 0, 1, 2], of: [2, 4] }, [2, 1]);
    bench.display();
    vi.advanceTimersByTime(1);
    expect(last()).toMatchObject({ projections: null, missing: "Waiting for all of the image." });
    // The histogram is that of what was sent.
    expect(last()!.histogram!.counts.reduce((sum, count) => sum + count)).toBe(2);
    expect(last()!.rois[0]).toMatchObject({ sum: 22, missing: 0.5 });
    wish({
      rois: [{ ...REGION, shape: { ...REGION.shape, width: 1 } as Roi["shape"] }],
      projections: { roi: 3, baseline: "none", fit: false },
    });
    vi.advanceTimersByTime(100);
    expect(last()!.missing).toBeNull();
    expect(Array.from(last()!.projections!.y.values)).toEqual([2, 20]);
  });

  it("is nothing for a region that is gone or lies beside the image, and says so", () => {
    const beside: Roi = { id: 5, name: "", shape: { kind: "rectangle", x: 9, y: 0, width: 2, height: 2 } };
    image(1);
    bench.display();
    for (const roi of [9, 5]) {
      wish({ rois: [beside], projections: { roi, baseline: "none", fit: false } });
      vi.advanceTimersByTime(100);
    }
    expect(analyses().map(({ missing }) => missing)).toEqual([
      "The region of the projections is gone.",
      "The region of the projections lies beside the image.",
    ]);
  });

  it("is nothing of colours, curves and rounded pixels, and says why", () => {
    wish({ projections: OF_IMAGE });
    image(1, PIXELS, { exact: false });
    bench.display();
    vi.advanceTimersByTime(100);
    const colour = imageBlock(new Uint8Array(6), "uint8", [1, 2, 3], { colour: "interleaved" });
    bench.hear(encodeFrame({ sequence: 2n, blocks: [colour] }));
    bench.display();
    vi.advanceTimersByTime(100);
    bench.hear(encodeFrame({ sequence: 3n, blocks: [imageBlock(Float64Array.of(1, 2), "float64", [2])] }));
    bench.display();
    vi.advanceTimersByTime(100);
    expect(analyses().map(({ projections }) => projections)).toEqual([null, null, null]);
    expect(analyses().map(({ missing }) => missing)).toEqual([
      "The pixels were rounded to 32-bit floats. Choose automatic or exact for this.",
      "Colour images are not analysed.",
      "This is a curve, not an image.",
    ]);
  });

  it("is nothing along a line of endless length", () => {
    wish({ line: { x0: 0, y0: 0, x1: 1e12, y1: 0, width: 1 } });
    image(1);
    bench.display();
    vi.advanceTimersByTime(1);
    expect(last()!.line).toBeNull();
  });
});

describe("what is computed while a preview is on screen", () => {
  it("is what the server summed up and counted, nothing from its grays", async () => {
    wish({ histogram: true, projections: OF_IMAGE });
    await preview(1);
    expect(last()).toMatchObject({ source: "server", missing: null });
    expect(Array.from(last()!.projections!.x.values)).toEqual([11, 22, 33, 44]);
    expect(Array.from(last()!.projections!.y.values)).toEqual([110]);
    expect(last()!.histogram).toMatchObject({ low: 1, width: 20 });
    expect(Array.from(last()!.histogram!.counts)).toEqual([5, 3]);
  });

  it("is not what needs pixels: they are asked for, or a person has to choose them", async () => {
    wish({ rois: [REGION], projections: OF_IMAGE });
    await preview(1);
    expect(last()).toMatchObject({ rois: [], line: null, missing: "Waiting for exact pixels." });
    expect(last()!.projections).not.toBeNull();
    expect(bench.wants().pop()).toMatchObject({ format: "exact" });
    bench.viewer.receive({ type: "want", format: "preview" });
    expect(bench.wants().pop()).toMatchObject({ format: "preview" });
    await preview(2);
    vi.advanceTimersByTime(100);
    expect(last()!.missing).toBe("A preview is chosen. Choose automatic or exact for this.");
  });

  it("is nothing where the server's sums are not those of the image", async () => {
    wish({ projections: OF_IMAGE });
    await preview(1, { of: [1, 8], binning: 2 });
    expect(last()).toMatchObject({ projections: null, missing: "The server sent no sums." });
  });
});

describe("what the server is asked for", () => {
  it("is exact pixels of the region for as long as they are needed", () => {
    image(1);
    bench.display();
    wish({ rois: [REGION] });
    vi.advanceTimersByTime(200);
    wish({});
    vi.advanceTimersByTime(200);
    expect(bench.wants().slice(1)).toEqual([
      { kind: "want", format: "exact" },
      { kind: "want", format: "auto" },
    ]);
  });
});

describe("levels of a region", () => {
  it("are found in the box of the one that is named, and in the image when there is none", () => {
    const levels = { ...AUTO_LEVELS, rule: "minmax", of: "roi" } as typeof AUTO_LEVELS;
    bench.viewer.receive({ type: "colours", colours: { ...DEFAULT_COLOURS, levels } });
    wish({ rois: [REGION], levelsRoi: 3 });
    image(1);
    bench.display();
    bench.display();
    expect(bench.of("shown").pop()!.shown.levels).toEqual([2, 30]);
    wish({ rois: [REGION] });
    bench.display();
    expect(bench.of("shown").pop()!.shown.levels).toEqual([1, 40]);
  });
});
