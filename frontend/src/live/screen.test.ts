import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_COLOURS, UPRIGHT } from "../defaults";
import { encodeFrame, encodeTable, imageBlock } from "../protocol/encoder.testing";
import { Bench } from "./bench.testing";

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.hello();
});
afterEach(() => void vi.useRealTimers());

describe("frames on their way to the screen", () => {
  it("are acknowledged when they are drawn, not before", () => {
    bench.image(1, 11);
    vi.advanceTimersByTime(5);
    expect(bench.acknowledged()).toEqual([]);
    bench.display();
    expect(bench.acknowledged()).toEqual([1]);
    expect(bench.drawn.map(({ values }) => values)).toEqual([[11]]);
    const ack = bench.sent.find((data) => data instanceof ArrayBuffer)!;
    expect(new DataView(ack as ArrayBuffer).getUint32(4, true)).toBe(5000);
  });

  it("give way to newer ones, which the server is told too", () => {
    bench.image(1, 11);
    bench.image(2, 22);
    bench.image(3, 33);
    expect(bench.acknowledged()).toEqual([2]);
    bench.display();
    bench.display();
    expect(bench.drawn.map(({ values }) => values)).toEqual([[11], [33]]);
    expect(bench.acknowledged()).toEqual([2, 1, 3]);
  });

  it("that cannot be decoded are acknowledged, reported once, and do not stop the next", () => {
    bench.image(1, 11, { format: "bslz4" });
    bench.image(2, 22, { format: "bslz4" });
    bench.image(3, 33);
    bench.display();
    expect(bench.of("error")).toHaveLength(1);
    expect(bench.acknowledged()).toEqual([1, 2, 3]);
    expect(bench.drawn).toHaveLength(1);
  });

  it("of another channel than the page wants are not drawn", () => {
    bench.viewer.receive({ type: "want", image: "other" });
    bench.image(1, 11);
    bench.image(2, 22, { channel: 8 });
    bench.display();
    expect(bench.drawn.map(({ values }) => values)).toEqual([[22]]);
    expect(bench.acknowledged()).toEqual([1, 2]);
    expect(bench.of("shown")[0]?.shown.channel).toBe("other");
  });

  it("of an earlier start of the receiving process are not drawn", () => {
    bench.hello(2);
    bench.image(1, 11, {}, { epoch: 1 });
    bench.display();
    expect(bench.drawn).toHaveLength(0);
    expect(bench.acknowledged()).toEqual([1]);
  });

  it("of a connection that was lost are neither drawn nor acknowledged on the next", () => {
    bench.image(1, 11);
    const before = bench.line;
    before.send = () => undefined;
    bench.lose();
    bench.display();
    bench.line = bench.newLine();
    bench.hello();
    expect(bench.drawn).toHaveLength(0);
    expect(bench.acknowledged()).toEqual([]);
  });

  it("without an image are acknowledged, and their values reach the page", () => {
    bench.hear(encodeFrame({ sequence: 4n, blocks: [], head: { null: [9] } }));
    expect(bench.acknowledged()).toEqual([4]);
    expect(bench.of("scalars")[0]).toMatchObject({ rows: 0, lost: 0 });
    expect(bench.of("scalars")[0]?.values.scalars.get("text")).toEqual({ state: "null" });
  });

  it("of one dimension go to the page as a curve", () => {
    const block = imageBlock(Float32Array.of(1, Number.NaN, 3), "float32", [3], { channel: 10 });
    bench.hear(encodeFrame({ sequence: 1n, blocks: [block] }));
    bench.display();
    expect(bench.drawn).toHaveLength(0);
    expect(bench.of("shown")[0]?.shown).toMatchObject({ channel: "curve", shape: [3], range: [1, 3], notFinite: 1 });
    expect(Array.from(bench.of("shown")[0]!.shown.curve!.values)).toEqual([1, Number.NaN, 3]);
    expect(bench.acknowledged()).toEqual([1]);
  });

  it("keep their pixels while the next one is decoded", () => {
    const compressed = (value: number) => ({
      keys: { ...imageBlock(new Uint16Array(1), "uint16", [1, 1]).keys, format: "bslz4" },
      payload: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, value, 0),
    });
    bench.hear(encodeFrame({ sequence: 1n, blocks: [compressed(5)] }));
    bench.display();
    bench.hear(encodeFrame({ sequence: 2n, blocks: [compressed(6)] }));
    bench.viewer.receive({ type: "pixels", id: 3 });
    expect(new Uint16Array(bench.of("pixels")[0]!.data!)).toEqual(Uint16Array.of(5));
    bench.display();
    bench.viewer.receive({ type: "pixels", id: 4 });
    expect(new Uint16Array(bench.of("pixels")[1]!.data!)).toEqual(Uint16Array.of(6));
  });
});

describe("what the page is told of a picture", () => {
  it("is its pulse, its age in parts, and the levels it is drawn with", () => {
    bench.hear({ kind: "status", you: { rtt_ms: 8 } });
    bench.image(1, 11, {}, { micros: 2500, notSent: 6, pulseId: 77n });
    vi.advanceTimersByTime(10);
    bench.display();
    expect(bench.of("shown")[0]?.shown).toMatchObject({
      pulse: { epoch: 1, sequence: 1n, pulseId: 77n },
      dtype: "uint16",
      shape: [1, 1],
      ageMs: 16.5,
      legs: { serverMs: 2.5, networkMs: 4 },
      levels: [11, 22],
      range: [11, 11],
      notSent: 6,
      exact: true,
      bytes: 2,
      renderer: "webgl2",
    });
  });

  it("has values of its own pulse some ten times a second, and those of the last picture when nothing follows", () => {
    for (let sequence = 1; sequence <= 30; sequence++) {
      bench.image(sequence, sequence);
      bench.display();
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(1000);
    const values = bench.shownValues();
    const shown = bench.of("shown").map(({ shown: { pulse } }) => Number(pulse.sequence));
    values.forEach((value, index) => value === undefined || expect(value).toBe(`of ${shown[index]}`));
    expect(values.filter((value) => value !== undefined).length).toBeLessThanOrEqual(6);
    expect(values[values.length - 1]).toBe("of 30");
  });

  it("has values with every picture of a 10 Hz stream, also when one comes early", () => {
    for (let sequence = 1; sequence <= 10; sequence++) {
      bench.image(sequence, sequence);
      bench.display();
      vi.advanceTimersByTime(sequence % 2 === 0 ? 85 : 115);
    }
    expect(bench.shownValues()).not.toContain(undefined);
  });

  it("has late values under the names of their own time", () => {
    bench.image(1, 1);
    bench.display();
    bench.image(2, 2);
    bench.display();
    bench.hear({ kind: "hello", protocol: "sov.1", build: "b", epoch: 1 });
    vi.advanceTimersByTime(100);
    expect(bench.shownValues()).toEqual(["of 1", undefined, "of 2"]);
  });

  it("has the values in the order in which the stream first listed the channels, whatever they hold", () => {
    const table = encodeTable(
      [{ sequence: 1n, pulseId: 0n, sourceTime: 0n }],
      [
        { channel: 9, dtype: "bool", values: [true] },
        { channel: 8, dtype: "uint8", values: [3] },
      ],
    );
    const values = { keys: { role: "values", format: "table" }, payload: table };
    const array = imageBlock(Int8Array.of(-1), "int8", [1], { role: "array", channel: 10 });
    const head = { null: [7], invalid: [[6, "broken"]], omitted: [[5, "uint8", [9, 9], "large"]] };
    bench.hear(encodeFrame({ blocks: [imageBlock(Uint8Array.of(1), "uint8", [1, 1]), array, values], head }));
    bench.display();
    const told = bench.of("shown")[0]!.values!;
    expect([...told.scalars]).toEqual([
      ["#6", { state: "invalid", reason: "broken" }],
      ["image", { state: "null" }],
      ["other", { state: "value", dtype: "uint8", value: 3 }],
      ["text", { state: "value", dtype: "bool", value: true }],
    ]);
    expect([...told.arrays]).toEqual([["curve", { dtype: "int8", shape: [1], values: Float64Array.of(-1) }]]);
    expect([...told.omitted]).toEqual([["#5", { dtype: "uint8", shape: [9, 9], reason: "large" }]]);
  });

  it("comes again without values when other levels are chosen", () => {
    bench.image(1, 11);
    bench.display();
    bench.viewer.receive({
      type: "colours",
      colours: { ...DEFAULT_COLOURS, colourMap: "gray", levels: { mode: "manual", low: 3, high: 4 } },
    });
    bench.display();
    expect(bench.drawn[1]?.look.levels).toEqual([3, 4]);
    expect(bench.of("shown").map(({ shown, values }) => [shown.levels, values === null])).toEqual([
      [[11, 22], false],
      [[3, 4], true],
    ]);
    expect(bench.acknowledged()).toEqual([1]);
  });

  it("is the value under the cursor, again for each picture, with its sequence", () => {
    bench.viewer.receive({ type: "cursor", pixel: { row: 0, column: 0 } });
    bench.image(1, 11);
    bench.display();
    vi.advanceTimersByTime(200);
    bench.image(2, 22);
    bench.display();
    vi.advanceTimersByTime(200);
    bench.viewer.receive({ type: "cursor", pixel: { row: 1, column: 0 } });
    expect(bench.of("cursor").map(({ text, sequence }) => [text, Number(sequence)])).toEqual([
      ["11", 1],
      ["22", 2],
      ["", 2],
    ]);
  });
});

describe("the canvas", () => {
  it("shows the whole picture until the page says which part", () => {
    bench.image(1, 11);
    bench.display();
    bench.viewer.receive({ type: "view", view: { scale: 7, offsetX: 1, offsetY: 2, orientation: UPRIGHT } });
    bench.display();
    expect(bench.drawn.map(({ look }) => look.view)).toEqual([
      { scale: 100, offsetX: 50, offsetY: 0, orientation: UPRIGHT },
      { scale: 7, offsetX: 1, offsetY: 2, orientation: UPRIGHT },
    ]);
  });

  it("gets its size together with the next draw, and only then", () => {
    bench.image(1, 11);
    bench.display();
    bench.viewer.receive({ type: "size", width: 50, height: 40 });
    bench.viewer.receive({ type: "view", view: { scale: 1, offsetX: 0, offsetY: 0, orientation: UPRIGHT } });
    expect(bench.sizes).toEqual([[200, 100]]);
    bench.display();
    bench.viewer.receive({ type: "view", view: { scale: 2, offsetX: 0, offsetY: 0, orientation: UPRIGHT } });
    bench.display();
    expect(bench.sizes).toEqual([
      [200, 100],
      [50, 40],
    ]);
    expect(bench.drawn).toHaveLength(3);
  });
});

describe("a graphics card that goes away", () => {
  it("clears the page, discards what comes, and brings the picture back with its own values", () => {
    bench.image(1, 11);
    bench.display();
    bench.events!.lost();
    expect([bench.of("cleared").length, bench.of("error").length]).toEqual([1, 1]);
    bench.image(2, 22);
    bench.display();
    expect(bench.acknowledged()).toEqual([1, 2]);
    bench.events!.restored();
    bench.display();
    expect(bench.drawn.map(({ values }) => values)).toEqual([[11], [11]]);
    expect(bench.shownValues()).toEqual(["of 1", "of 1"]);
    bench.image(3, 33);
    bench.display();
    expect(bench.drawn[2]?.values).toEqual([33]);
  });
});
