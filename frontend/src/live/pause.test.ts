import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_COLOURS } from "../defaults";
import { encodeFrame, imageBlock } from "../protocol/encoder.testing";
import { Bench } from "./bench.testing";

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.hello();
});
afterEach(() => void vi.useRealTimers());

function show(sequence: number, keys: Record<string, unknown> = {}): void {
  bench.image(sequence, sequence, keys);
  bench.display();
}

function drawn(): number[] {
  return bench.drawn.map(({ values }) => values[0]!);
}

describe("a paused picture", () => {
  it("is the whole exact one that was on screen; what comes is acknowledged and not drawn", () => {
    show(1);
    bench.image(2, 2);
    bench.viewer.receive({ type: "pause", paused: true });
    expect(bench.wants().map(({ paused }) => paused)).toEqual([false, true]);
    show(3);
    expect(drawn()).toEqual([1]);
    expect(bench.acknowledged()).toEqual([1, 2, 3]);
    bench.viewer.receive({ type: "pixels", id: 1 });
    expect(bench.of("pixels")[0]?.pulse?.sequence).toBe(1n);
  });

  it("is replaced by the first whole exact one that comes if it was less than that", async () => {
    bench.preview(1, [77]);
    await bench.decoded();
    bench.display();
    bench.preview(2, [78]);
    bench.viewer.receive({ type: "pause", paused: true });
    await bench.decoded();
    bench.display();
    show(3, { crop: [0, 0, 1, 1], of: [5, 5] });
    show(4, { exact: false, dtype: "float32", source_dtype: "float64" });
    bench.preview(5, [79]);
    expect(drawn()).toEqual([77]);
    show(6);
    show(7);
    expect(drawn()).toEqual([77, 6]);
    expect(bench.acknowledged()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    vi.advanceTimersByTime(100);
    expect(bench.shownValues()).toContain("of 6");
  });

  it("is a widened one too, because no number has changed", async () => {
    bench.preview(1, [77]);
    await bench.decoded();
    bench.display();
    bench.viewer.receive({ type: "pause", paused: true });
    const widened = imageBlock(Float32Array.of(2), "float32", [1, 1], { exact: false, source_dtype: "float16" });
    bench.hear(encodeFrame({ sequence: 2n, blocks: [widened] }));
    bench.display();
    expect(drawn()).toEqual([77, 2]);
    bench.viewer.receive({ type: "pixels", id: 1 });
    expect(bench.of("pixels")[0]).toMatchObject({ dtype: "float32", reason: null });
  });

  it("can be looked at from near and with other levels, and read", () => {
    show(1);
    bench.viewer.receive({ type: "pause", paused: true });
    bench.viewer.receive({
      type: "colours",
      colours: { ...DEFAULT_COLOURS, colourMap: "gray", levels: { mode: "manual", low: 3, high: 4 } },
    });
    bench.viewer.receive({ type: "cursor", pixel: { row: 0, column: 0 } });
    bench.display();
    expect(bench.drawn[1]?.look.levels).toEqual([3, 4]);
    expect(bench.of("cursor")[0]).toMatchObject({ text: "1", sequence: 1n });
  });

  it("stays when the connection comes back, when the process behind it is another, and when the tab was hidden", () => {
    show(1);
    bench.viewer.receive({ type: "pause", paused: true });
    bench.lose();
    bench.line = bench.newLine();
    bench.hello(2);
    expect(bench.wants().map(({ paused }) => paused)).toEqual([false, true, true]);
    bench.image(2, 2, {}, { epoch: 2 });
    bench.viewer.receive({ type: "visible", visible: false });
    bench.viewer.receive({ type: "visible", visible: true });
    bench.display();
    expect(bench.of("cleared")).toEqual([]);
    bench.viewer.receive({ type: "pixels", id: 1 });
    expect(bench.of("pixels")[0]?.pulse?.sequence).toBe(1n);
  });

  it("that comes while the tab is hidden is there when it is seen", async () => {
    bench.preview(1, [77]);
    await bench.decoded();
    bench.display();
    bench.viewer.receive({ type: "pause", paused: true });
    bench.viewer.receive({ type: "visible", visible: false });
    bench.image(2, 2);
    bench.viewer.receive({ type: "visible", visible: true });
    bench.display();
    expect(drawn()).toEqual([77, 2]);
    expect(bench.acknowledged()).toEqual([1, 2]);
  });

  it("goes on with the next frame, at the rate of now", () => {
    show(1);
    bench.viewer.receive({ type: "pause", paused: true });
    vi.advanceTimersByTime(60_000);
    bench.viewer.receive({ type: "pause", paused: false });
    expect(bench.wants().map(({ paused }) => paused)).toEqual([false, true, false]);
    for (let sequence = 2; sequence < 5; sequence++) {
      show(sequence);
      vi.advanceTimersByTime(100);
    }
    expect(drawn()).toEqual([1, 2, 3, 4]);
    const rates = bench.of("shown").map(({ shown }) => shown.shownRate);
    expect(rates[rates.length - 1]).toBeCloseTo(10);
  });
});
