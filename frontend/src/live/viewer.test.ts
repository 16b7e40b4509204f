import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encodeFrame, encodePiece, encodeScalars, encodeTable, imageBlock } from "../protocol/encoder.testing";
import { Bench } from "./bench.testing";

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
  bench.hello();
});
afterEach(() => void vi.useRealTimers());

describe("a page that nobody sees", () => {
  it("wants no images and no scalars of every pulse, and all again when it is seen", () => {
    bench.viewer.receive({ type: "visible", visible: false });
    bench.viewer.receive({ type: "visible", visible: true });
    expect(bench.wants().map(({ hidden, every }) => [hidden, every])).toEqual([
      [false, true],
      [true, false],
      [false, true],
    ]);
    expect(bench.woken).toBe(1);
  });

  it("discards what arrives, and draws only what arrives after it was seen again", () => {
    bench.image(1, 11);
    bench.viewer.receive({ type: "visible", visible: false });
    bench.image(2, 22);
    expect(bench.acknowledged()).toEqual([1, 2]);
    bench.viewer.receive({ type: "visible", visible: true });
    expect(bench.of("cleared")).toHaveLength(1);
    bench.display();
    expect(bench.drawn).toHaveLength(0);
    bench.image(3, 33);
    bench.display();
    expect(bench.drawn.map(({ values }) => values)).toEqual([[33]]);
  });

  it("says so from the start if it was opened in the background", () => {
    const hidden = new Bench(false);
    hidden.hello();
    expect(hidden.wants()).toMatchObject([{ hidden: true, every: false }]);
  });
});

describe("a person who moves everything at once", () => {
  it("says less than the server hears of one viewer, and the last of it", () => {
    // What hello says of it: bytes a second, bytes at once, and what each message counts beside its text.
    const [rate, burst, head, messages] = [32_000, 80_000, 64, 100];
    let [left, before] = [burst, bench.wants().length];
    const image = "\u{1f600}".repeat(256);
    for (let step = 0; step < 200; step++) {
      bench.viewer.receive({ type: "want", image, slice: step });
      bench.viewer.receive({ type: "want", saturation: step + 0.123456789 });
      bench.viewer.receive({ type: "size", width: 900 + step, height: 700 - step });
      bench.viewer.receive({ type: "cursor", pixel: { row: step, column: step } });
      vi.advanceTimersByTime(1000 / 60);
      const wants = bench.wants();
      const said = wants.slice(before).map((want) => new TextEncoder().encode(JSON.stringify(want)).length + head);
      before = wants.length;
      left = Math.min(burst, left + rate / 60) - said.reduce((sum, bytes) => sum + bytes, 0);
      expect(left).toBeGreaterThan(burst / 2);
    }
    expect(bench.wants().length).toBeLessThan(10 * (messages / 2));
    vi.advanceTimersByTime(1000);
    expect(bench.wants().findLast(({ slice }) => slice !== undefined)).toMatchObject({ image, slice: 199 });
  });

  it("tells at once what is done now and then", () => {
    for (let time = 1; time < 4; time++) {
      for (let slice = 1; slice < 5; slice++) bench.viewer.receive({ type: "want", slice: time * slice });
      expect(bench.wants()).toHaveLength(1 + 4 * time);
      vi.advanceTimersByTime(1000);
    }
  });
});

describe("an image that comes in pieces", () => {
  function pieces(message: ArrayBuffer, size: number): ArrayBuffer[] {
    return Array.from({ length: Math.ceil(message.byteLength / size) }, (_, at) => {
      const bytes = new Uint8Array(message).subarray(at * size, (at + 1) * size);
      return encodePiece(message.byteLength, at * size, bytes);
    });
  }

  const block = imageBlock(Uint16Array.of(11), "uint16", [1, 1]);
  const message = encodeFrame({ sequence: 1n, blocks: [block] });

  it("is drawn and acknowledged once when all of it has come, and until then the page is told how far it is", () => {
    const all = pieces(message, 100);
    expect(all.length).toBeGreaterThan(1);
    for (const piece of all.slice(0, -1)) expect(bench.hear(piece)).toBe("sending");
    expect(bench.of("sending").map(({ received }) => received)).toEqual(
      all.slice(0, -1).map((_, at) => 100 * (at + 1)),
    );
    bench.display();
    expect([bench.drawn.length, bench.acknowledged()]).toEqual([0, []]);
    expect(bench.hear(all.at(-1)!)).toBe("frame");
    bench.display();
    expect([bench.drawn.length, bench.acknowledged()]).toEqual([1, [1]]);
  });

  it("of which the rest does not come is neither drawn nor acknowledged; the next one is", () => {
    bench.hear(pieces(message, 100)[0]!);
    bench.hear(encodePiece(message.byteLength, 100, new Uint8Array(), true));
    expect(bench.of("sending").at(-1)).toMatchObject({ received: null });
    for (const piece of pieces(encodeFrame({ sequence: 2n, blocks: [block] }), 64)) bench.hear(piece);
    bench.display();
    expect(bench.acknowledged()).toEqual([2]);
  });

  it("of a lost connection is forgotten", () => {
    const [first, ...rest] = pieces(message, 100);
    bench.hear(first!);
    bench.lose();
    bench.line = bench.newLine();
    bench.hello();
    for (const piece of rest) bench.hear(piece);
    bench.display();
    expect(bench.acknowledged()).toEqual([]);
    bench.image(3, 33);
    bench.display();
    expect(bench.acknowledged()).toEqual([3]);
  });
});

describe("the connection", () => {
  it("is told what the page wants once for each connection, whatever was chosen before", () => {
    const other = new Bench();
    other.viewer.receive({ type: "want", image: "other", slice: 2, format: "raw", rate: 5 });
    expect(other.wants()).toEqual([]);
    other.hello();
    other.hello();
    expect(other.wants()).toEqual([
      {
        kind: "want",
        image: "other",
        slice: 2,
        colour: "auto",
        format: "raw",
        rate: 5,
        every: true,
        hidden: false,
        paused: false,
        saturation: null,
        picture: [200, 100],
        crop: null,
        levels: null,
        hover: null,
        pieces: true,
      },
    ]);
    other.line = other.newLine();
    other.hello();
    expect(other.wants()).toHaveLength(2);
  });

  it("clears the screen when the receiving process was restarted, not when the connection comes back", () => {
    bench.image(1, 11);
    bench.display();
    bench.line = bench.newLine();
    bench.hello(1);
    expect(bench.of("cleared")).toHaveLength(0);
    bench.hello(2);
    expect(bench.of("cleared")).toHaveLength(1);
    bench.viewer.receive({ type: "pixels", id: 1 });
    expect(bench.of("pixels")[0]).toMatchObject({ pulse: null, data: null });
  });

  it("survives messages that make no sense", () => {
    for (const data of [
      new ArrayBuffer(3),
      new ArrayBuffer(64),
      { kind: "hello", protocol: "other" },
      { kind: "later" },
    ])
      bench.hear(data);
    bench.image(1, 11);
    bench.display();
    expect(bench.acknowledged()).toEqual([1]);
    expect(bench.of("error").length).toBeGreaterThan(0);
  });
});

describe("the scalar lane", () => {
  function rows(first: number, count: number, lost = 0, epoch = 1): void {
    const pulses = Array.from({ length: count }, (_, row) => ({
      sequence: BigInt(first + row),
      pulseId: 0n,
      sourceTime: 0n,
    }));
    const values = pulses.map(({ sequence }) => `row ${sequence}`);
    bench.hear(encodeScalars(epoch, encodeTable(pulses, [{ channel: 9, dtype: "string", values }]), 0, lost));
  }

  it("gives the newest row ten times a second and counts all of them", () => {
    for (let first = 0; first < 100; first += 2) {
      rows(first, 2, first === 50 ? 3 : 0);
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(200);
    const told = bench.of("scalars");
    expect(told.length).toBeLessThanOrEqual(7);
    expect(told.reduce((sum, message) => sum + message.rows, 0)).toBe(100);
    expect(told.reduce((sum, message) => sum + message.lost, 0)).toBe(3);
    const last = told[told.length - 1]!.values;
    expect([last.pulse.sequence, last.scalars.get("text")]).toEqual([
      99n,
      { state: "value", dtype: "string", value: "row 99" },
    ]);
  });

  it("forgets what waits when the channels get other numbers, and rows of an earlier epoch", () => {
    rows(1, 1);
    rows(2, 1);
    bench.hello(2);
    rows(3, 1, 0, 1);
    vi.advanceTimersByTime(1000);
    expect(bench.of("scalars")).toHaveLength(1);
  });
});
