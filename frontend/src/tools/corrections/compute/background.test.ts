import { describe, expect, it } from "vitest";
import { correct, FrameAverage, RunningAverage } from "./background";

const meanOf = (average: FrameAverage | RunningAverage, size: number) => {
  const into = new Float64Array(size).fill(-1);
  average.mean(into);
  return Array.from(into);
};

function uniform(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

describe("average of frames", () => {
  it("is the mean of each pixel", () => {
    const average = new FrameAverage();
    expect(meanOf(average, 1)).toEqual([Number.NaN]);
    average.add(Uint16Array.of(1, 65535));
    average.add(Uint16Array.of(2, 65535));
    expect(average.count).toBe(2);
    expect(meanOf(average, 2)).toEqual([1.5, 65535]);
  });

  it("begins anew, also with another size", () => {
    const average = new FrameAverage();
    average.add(Uint8Array.of(9, 9));
    expect(() => average.add(Uint8Array.of(9))).toThrow(RangeError);
    average.reset();
    expect(average.count).toBe(0);
    average.add(Uint8Array.of(1, 2));
    expect(meanOf(average, 2)).toEqual([1, 2]);
    average.reset();
    average.add(Float32Array.of(0.5));
    expect(meanOf(average, 1)).toEqual([0.5]);
  });
});

describe("running average", () => {
  it("is the mean of the last frames, exactly for integers", () => {
    const random = uniform(1);
    const frames = Array.from({ length: 40 }, () => new Int16Array(11).map(() => 65536 * random() - 32768));
    const average = new RunningAverage(7);
    frames.forEach((frame, index) => {
      average.add(frame);
      const last = frames.slice(Math.max(0, index - 6), index + 1);
      expect(average.count).toBe(last.length);
      const expected = Array.from(frame, (_, at) => last.reduce((sum, one) => sum + one[at]!, 0) / last.length);
      expect(meanOf(average, 11)).toEqual(expected);
    });
  });

  it("does not gather rounding, however long it runs and however large a float was", () => {
    const average = new RunningAverage(4);
    const frame = new Float64Array(10).fill(0.1);
    average.add(new Float64Array(10).fill(1e18));
    for (let round = 0; round < 9; round++) average.add(frame);
    for (const mean of meanOf(average, 10)) expect(mean).toBeCloseTo(0.1, 15);
    for (let round = 0; round < 100_000; round++) average.add(frame);
    for (const mean of meanOf(average, 10)) expect(mean).toBeCloseTo(0.1, 15);
  });

  it("does not keep what is not finite longer than its frame", () => {
    const average = new RunningAverage(3);
    average.add(Float32Array.of(1, 1));
    average.add(Float32Array.of(Number.NaN, 1));
    average.add(Float32Array.of(Infinity, 1));
    expect(meanOf(average, 2)).toEqual([Number.NaN, 1]);
    average.add(Float32Array.of(2, 1));
    expect(meanOf(average, 2)).toEqual([Number.NaN, 1]);
    average.add(Float32Array.of(3, 1));
    expect(meanOf(average, 2)).toEqual([Infinity, 1]);
    average.add(Float32Array.of(4, 1));
    expect(meanOf(average, 2)).toEqual([3, 1]);
  });

  it("keeps its own copy of the frames", () => {
    const average = new RunningAverage(2);
    const frame = Uint8Array.of(10);
    for (const value of [10, 20, 30, 40]) average.add(frame.fill(value));
    expect(meanOf(average, 1)).toEqual([35]);
  });

  it("begins anew, also with another size or type", () => {
    const average = new RunningAverage(2);
    for (const value of [1, 2, 3]) average.add(Uint8Array.of(value, value));
    expect(() => average.add(Uint8Array.of(1))).toThrow("size");
    expect(() => average.add(Uint16Array.of(1, 1))).toThrow("type");
    average.reset();
    expect(meanOf(average, 2)).toEqual([Number.NaN, Number.NaN]);
    average.add(Uint8Array.of(7, 8));
    expect(meanOf(average, 2)).toEqual([7, 8]);
    average.reset();
    for (const value of [1000, 2000, 3000]) average.add(Uint16Array.of(value));
    expect(meanOf(average, 1)).toEqual([2500]);
  });

  it("refuses what it has no memory for", () => {
    expect(() => new RunningAverage(24, 2560 * 2160 * 2)).not.toThrow();
    expect(() => new RunningAverage(25, 2560 * 2160 * 2)).toThrow(/^A running average of 25 .* most 24 can be kept\.$/);
    expect(() => new RunningAverage(1, 2 ** 29)).toThrow("Not one can be kept.");
    expect(() => new RunningAverage(300).add(new Uint8Array(2 ** 20))).toThrow(RangeError);
    expect(() => new RunningAverage(0)).toThrow(RangeError);
    expect(() => new RunningAverage(1.5)).toThrow(RangeError);
  });
});

describe("background", () => {
  it("is subtracted with its sign", () => {
    const into = new Float64Array(3);
    correct(Uint16Array.of(10, 5, 0), 1, { background: Float64Array.of(4, 5.5, 65535), limit: null }, into);
    expect(into).toEqual(Float64Array.of(6, -0.5, -65535));
  });

  it("leaves zero below a threshold", () => {
    const into = new Float64Array(5);
    correct(Float64Array.of(-3, 4.9, 5, 6, Number.NaN), 1, { background: null, limit: 5 }, into);
    expect(into).toEqual(Float64Array.of(0, 0, 5, 6, Number.NaN));
  });

  it("is taken off the mean, before what is left is compared with the threshold", () => {
    const average = new FrameAverage();
    average.add(Uint16Array.of(10, 20, 7));
    average.add(Uint16Array.of(11, 30, 8));
    const into = new Float64Array(3);
    average.mean(into, { background: Float64Array.of(0.5, 24, 10), limit: 2 });
    expect(into).toEqual(Float64Array.of(10, 0, 0));
  });
});
