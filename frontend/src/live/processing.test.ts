import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_COLOURS } from "../defaults";
import type { ProcessingWish, Region } from "../contract";
import { encodeFrame, imageBlock, type TestFrame } from "../protocol/encoder.testing";
import { Bench } from "./bench.testing";

const RAW: ProcessingWish = { background: true, threshold: null, average: { mode: "off", frames: 10 } };

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.hello();
});
afterEach(() => void vi.useRealTimers());

function wish(change: Partial<ProcessingWish>): void {
  bench.viewer.receive({ type: "process", wish: { ...RAW, ...change } });
}

/** A frame of one row of pixels is on screen, and all that it leads to has happened. */
function show(
  sequence: number,
  pixels: number[],
  keys: Record<string, unknown> = {},
  frame: Partial<TestFrame> = {},
): void {
  const blocks = [imageBlock(Uint16Array.from(pixels), "uint16", [1, pixels.length], keys)];
  bench.hear(encodeFrame({ sequence: BigInt(sequence), pulseId: BigInt(100 + sequence), blocks, ...frame }));
  bench.display();
  vi.advanceTimersByTime(200);
}

async function showPreview(sequence: number): Promise<void> {
  bench.preview(sequence, [1, 2]);
  await bench.decoded();
  bench.display();
  vi.advanceTimersByTime(200);
}

function drawn(): number[] {
  return bench.drawn[bench.drawn.length - 1]!.values;
}

function state() {
  const states = bench.of("processing");
  return states[states.length - 1]!.state;
}

function asked() {
  return bench
    .wants()
    .slice(1)
    .map(({ kind: _, ...change }) => change);
}

describe("a background", () => {
  it("is the mean of the next frames, and is subtracted with its sign from then on", () => {
    show(1, [50, 50]);
    bench.viewer.receive({ type: "background", frames: 2 });
    expect(state().background).toMatchObject({ state: "taking", taken: 0, frames: 2, since: null });
    show(2, [10, 20]);
    expect(drawn()).toEqual([10, 20]);
    expect(state().background).toMatchObject({ state: "taking", taken: 1, pulseId: 102n });
    show(3, [20, 20]);
    expect(drawn()).toEqual([5, 0]);
    expect(state()).toMatchObject({ background: { state: "on", taken: 2, frames: 2, pulseId: 103n }, waiting: null });
    show(4, [5, 100]);
    expect(drawn()).toEqual([-10, 80]);
    expect(bench.of("shown").pop()!.shown).toMatchObject({ range: [-10, 80], dtype: "uint16", exact: true });
  });

  it("can be left out and taken in again, while the picture is held too", () => {
    bench.viewer.receive({ type: "background", frames: 1 });
    show(1, [10, 20]);
    show(2, [15, 25]);
    bench.viewer.receive({ type: "pause", paused: true });
    wish({ background: false });
    bench.display();
    expect(drawn()).toEqual([15, 25]);
    vi.advanceTimersByTime(200);
    expect(state().background.state).toBe("off");
    wish({ background: true });
    bench.display();
    expect(drawn()).toEqual([5, 5]);
    bench.viewer.receive({ type: "background", frames: 0 });
    bench.display();
    expect(drawn()).toEqual([15, 25]);
    vi.advanceTimersByTime(200);
    expect(state().background.state).toBe("none");
  });

  it("switches itself off when the image is another one, and says why", () => {
    const cases = [
      ["The image is now 3 x 1, the background 2 x 1.", () => show(2, [1, 2, 3])],
      ["The image is now other, the background is of image.", () => show(2, [1, 2], { channel: 8 })],
      ["The image is now int16, the background uint16.", () => show(2, [1, 2], { dtype: "int16" })],
      ["The image is now another slice than the background.", () => show(2, [1, 2], { slice: [1, 4] })],
    ] as const;
    for (const [reason, other] of cases) {
      bench = new Bench();
      bench.hello();
      bench.viewer.receive({ type: "background", frames: 1 });
      show(1, [10, 20]);
      other();
      expect(drawn().slice(0, 2)).toEqual([1, 2]);
      expect(state().background).toMatchObject({ state: "dropped", reason });
      show(3, [10, 20]);
      expect(drawn()).toEqual([10, 20]);
    }
  });

  it("outlives a new start of the receiving process", () => {
    bench.viewer.receive({ type: "background", frames: 1 });
    show(1, [10, 20]);
    bench.hello(2);
    show(1, [11, 22], {}, { epoch: 2 });
    expect(drawn()).toEqual([1, 2]);
  });

  it("takes no frame twice, in whatever form it comes again", () => {
    bench.viewer.receive({ type: "background", frames: 2 });
    show(1, [10, 20]);
    show(1, [10, 20]);
    expect(state().background).toMatchObject({ state: "taking", taken: 1 });
  });
});

describe("the threshold", () => {
  it("makes zero of what is below, after the subtraction", () => {
    bench.viewer.receive({ type: "background", frames: 1 });
    wish({ threshold: 10 });
    show(1, [5, 5, 5]);
    show(2, [0, 14, 15]);
    expect(drawn()).toEqual([0, 0, 10]);
  });
});

describe("averages", () => {
  it("are of the last frames", () => {
    wish({ average: { mode: "running", frames: 2 } });
    for (const [sequence, value, mean] of [
      [1, 10, 10],
      [2, 20, 15],
      [3, 40, 30],
    ] as const) {
      show(sequence, [value]);
      expect(drawn()).toEqual([mean]);
    }
    expect(state().average).toEqual({ mode: "running", frames: 2, taken: 2 });
  });

  it("or of all since they began, which they may do anew", () => {
    wish({ average: { mode: "accumulate", frames: 2 } });
    show(1, [10]);
    show(2, [20]);
    show(3, [60]);
    expect(drawn()).toEqual([30]);
    expect(state().average.taken).toBe(3);
    bench.viewer.receive({ type: "restart-average" });
    bench.display();
    expect(drawn()).toEqual([60]);
    show(4, [70]);
    expect(drawn()).toEqual([65]);
    expect(state().average.taken).toBe(2);
  });

  it("hold no frame twice, and stand still while the picture is held", () => {
    wish({ average: { mode: "accumulate", frames: 2 } });
    show(1, [10]);
    show(2, [20]);
    show(2, [20]);
    bench.viewer.receive({ type: "pause", paused: true });
    show(3, [900]);
    wish({ average: { mode: "accumulate", frames: 2 }, threshold: 1 });
    bench.display();
    expect(drawn()).toEqual([15]);
    expect(state().average.taken).toBe(2);
  });

  it("begin anew with another start of the receiving process and with another image", () => {
    wish({ average: { mode: "accumulate", frames: 2 } });
    show(1, [10]);
    show(2, [20, 30]);
    expect(drawn()).toEqual([20, 30]);
    bench.hello(2);
    show(1, [100, 100], {}, { epoch: 2 });
    expect(drawn()).toEqual([100, 100]);
  });

  it("of more frames than there is memory for are not made, and the user is told", () => {
    wish({ average: { mode: "running", frames: 1e9 } });
    show(1, [10]);
    expect(drawn()).toEqual([10]);
    expect(state().waiting).toMatch(/needs too much memory/);
    wish({ average: { mode: "running", frames: 3 } });
    show(2, [20]);
    expect(state()).toMatchObject({ waiting: null, average: { taken: 2 } });
  });
});

describe("what is not all of the exact image", () => {
  it("is drawn as it is, the state says why, and the server is asked for more", async () => {
    await showPreview(1);
    wish({ threshold: 5 });
    vi.advanceTimersByTime(200);
    expect(state().waiting).toBe("Waiting for exact pixels.");
    expect(asked()).toEqual([{ format: "exact" }]);
    show(2, [9, 1], { crop: [0, 0, 2, 1], of: [9, 9] });
    expect(drawn()).toEqual([9, 1]);
    expect(state().waiting).toBe("Waiting for all of the image.");
    show(3, [9, 1]);
    expect(drawn()).toEqual([9, 0]);
    expect(state().waiting).toBeNull();
    wish({ threshold: null });
    vi.advanceTimersByTime(200);
    expect(asked()).toEqual([{ format: "exact" }, { format: "auto" }]);
  });

  it("stays that where a person chose it", async () => {
    bench.viewer.receive({ type: "want", format: "preview" });
    wish({ threshold: 5 });
    await showPreview(1);
    expect(state().waiting).toBe("A preview is chosen. Choose automatic or exact for this.");
    expect(bench.wants().pop()).toMatchObject({ format: "preview" });
  });

  it("is asked for while a background is taken and while it is used", () => {
    show(1, [1]);
    bench.viewer.receive({ type: "background", frames: 1 });
    vi.advanceTimersByTime(200);
    show(2, [1]);
    show(3, [1]);
    expect(asked()).toEqual([{ format: "exact" }]);
    wish({ background: false });
    vi.advanceTimersByTime(200);
    expect(asked()).toEqual([{ format: "exact" }, { format: "auto" }]);
  });
});

describe("a picture that is processed", () => {
  it("is analysed as it is drawn, while its pixels are read as they were sent", () => {
    bench.viewer.receive({ type: "background", frames: 1 });
    const axes = { x: { kind: "pixel" }, y: { kind: "pixel" } } as const;
    const projections = { roi: null, baseline: "none", fit: false } as const;
    bench.viewer.receive({
      type: "analyse",
      wish: { histogram: false, projections, rois: [], levelsRoi: null, line: null, tools: [], axes },
    });
    bench.viewer.receive({ type: "cursor", pixel: { row: 0, column: 1 } });
    show(1, [10, 20]);
    show(2, [11, 25]);
    const { analysis } = bench.of("analysis").pop()!;
    expect(analysis.source).toBe("processed");
    expect(Array.from(analysis.projections!.x.values)).toEqual([1, 5]);
    expect(bench.of("cursor").pop()).toMatchObject({ text: "25", processed: "5", state: "exact" });
    bench.viewer.receive({ type: "pixels", id: 1 });
    expect(new Uint16Array(bench.of("pixels")[0]!.data!)).toEqual(Uint16Array.of(11, 25));
  });

  it("has fits that are marked where pixels were saturated as they were sent", () => {
    bench.viewer.receive({ type: "want", saturation: 900 });
    bench.viewer.receive({ type: "background", frames: 1 });
    const axes = { x: { kind: "pixel" }, y: { kind: "pixel" } } as const;
    const projections = { roi: null, baseline: "none", fit: true } as const;
    bench.viewer.receive({
      type: "analyse",
      wish: { histogram: false, projections, rois: [], levelsRoi: null, line: null, tools: [], axes },
    });
    show(1, [100, 100]);
    show(2, [100, 899]);
    show(3, [900, 100]);
    const marks = bench.of("analysis").map(({ analysis }) => analysis.projections!.x.fit!.mark);
    expect(marks.slice(1)).toEqual([null, "saturated"]);
  });

  it("has levels of its own, and again those of the stream when it is not processed any more", () => {
    show(1, [1000, 2000]);
    const before = bench.drawn[0]!.look.levels;
    bench.viewer.receive({ type: "background", frames: 1 });
    show(2, [1000, 2000]);
    show(3, [1000, 2010]);
    const [low, high] = bench.drawn[bench.drawn.length - 1]!.look.levels;
    expect([low >= -100, high < 100]).toEqual([true, true]);
    bench.viewer.receive({ type: "background", frames: 0 });
    bench.display();
    expect(bench.drawn[bench.drawn.length - 1]!.look.levels).toEqual(before);
  });

  it("has levels by any rule, of what is drawn", () => {
    const levels = { ...DEFAULT_COLOURS.levels, rule: "minmax" } as typeof DEFAULT_COLOURS.levels;
    bench.viewer.receive({ type: "colours", colours: { ...DEFAULT_COLOURS, levels } });
    bench.viewer.receive({ type: "background", frames: 1 });
    show(1, [1000, 2000, 3000, 4000]);
    show(2, [990, 2005, 3000, 4050]);
    expect(bench.drawn[bench.drawn.length - 1]!.look.levels).toEqual([-10, 50]);
  });

  it("keeps the levels that a person chose", () => {
    const levels = { mode: "manual", low: 3, high: 9 } as const;
    bench.viewer.receive({ type: "colours", colours: { ...DEFAULT_COLOURS, levels } });
    wish({ threshold: 1 });
    show(1, [5]);
    expect(bench.drawn[0]!.look.levels).toEqual([3, 9]);
  });
});

describe("the state of processing", () => {
  it("is told when it changes, ten times a second at most", () => {
    show(1, [1]);
    expect(bench.of("processing")).toEqual([]);
    wish({ average: { mode: "accumulate", frames: 1 } });
    const before = bench.of("processing").length;
    for (let sequence = 2; sequence <= 101; sequence++) {
      const blocks = [imageBlock(Uint16Array.of(1), "uint16", [1, 1])];
      bench.hear(encodeFrame({ sequence: BigInt(sequence), blocks }));
      bench.display();
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(200);
    expect(bench.of("processing").length - before).toBeLessThanOrEqual(12);
    expect(state().average.taken).toBe(101);
  });
});

describe("printed values", () => {
  function print(region: Region | null): void {
    bench.viewer.receive({ type: "print", region });
    vi.advanceTimersByTime(200);
  }

  it("are those of each picture as they were sent, and empty beside it", () => {
    show(1, [7, 8]);
    print([1, 0, 2, 1]);
    show(2, [9, 10]);
    expect(bench.of("printed")).toMatchObject([
      { region: [1, 0, 2, 1], texts: ["8", ""], sequence: 1n },
      { texts: ["10", ""], sequence: 2n },
    ]);
    print(null);
    show(3, [9, 10]);
    expect(bench.of("printed")).toHaveLength(2);
  });

  it("come at most ten times a second", () => {
    print([0, 0, 1, 1]);
    for (let sequence = 1; sequence <= 100; sequence++) {
      const blocks = [imageBlock(Uint8Array.of(sequence), "uint8", [1, 1])];
      bench.hear(encodeFrame({ sequence: BigInt(sequence), blocks }));
      bench.display();
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(200);
    expect(bench.of("printed").length).toBeLessThanOrEqual(11);
    expect(bench.of("printed").pop()!.texts).toEqual(["100"]);
  });

  it("are the processed ones of a picture that is processed", () => {
    wish({ average: { mode: "accumulate", frames: 1 } });
    show(1, [1, 2]);
    show(2, [1, 3]);
    show(3, [2, 3]);
    print([0, 0, 2, 1]);
    expect(bench.of("printed").pop()!.texts).toEqual(["1.333333", "2.666667"]);
  });

  it("are asked for where a preview is on screen, and empty until they come", async () => {
    await showPreview(1);
    print([0, 0, 2, 1]);
    expect(bench.of("printed").pop()!.texts).toEqual(["", ""]);
    expect(asked()).toEqual([{ format: "exact" }]);
    print([0, 0, 65, 64]);
    expect(asked()).toEqual([{ format: "exact" }, { format: "auto" }]);
  });
});
