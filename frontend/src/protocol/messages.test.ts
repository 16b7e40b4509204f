import { describe, expect, it } from "vitest";
import { ProtocolError } from "./bytes";
import { encodeAck, encodeWant } from "./client";
import { encodeFrame, encodeScalars, encodeTable, imageBlock, type TestColumn, type TestRow } from "./encoder.testing";
import { decodeBinary, type FrameMessage, type ScalarsMessage } from "./envelope";
import { decodeText, type TextMessage } from "./text";

const ROWS: TestRow[] = [
  { sequence: 1n, pulseId: 2n ** 63n + 5n, sourceTime: -(2n ** 63n) },
  { sequence: 2n, pulseId: 2n ** 63n + 6n, sourceTime: 1_763_800_000_123_456_789n },
];
const COLUMNS: TestColumn[] = [
  { channel: 0, dtype: "bool", values: [true, false] },
  { channel: 1, dtype: "int8", values: [-128, 127] },
  { channel: 2, dtype: "uint8", values: [0, 255] },
  { channel: 3, dtype: "int16", values: [-32768, 32767] },
  { channel: 4, dtype: "uint16", values: [0, 65535] },
  { channel: 5, dtype: "int32", values: [-(2 ** 31), 2 ** 31 - 1] },
  { channel: 6, dtype: "uint32", values: [0, 2 ** 32 - 1] },
  { channel: 7, dtype: "int64", values: [-(2n ** 63n), 2n ** 63n - 1n] },
  { channel: 8, dtype: "uint64", values: [0n, 2n ** 64n - 1n] },
  { channel: 9, dtype: "float32", values: [0.5, Number.NaN] },
  { channel: 10, dtype: "float64", values: [-0, Number.NEGATIVE_INFINITY] },
  { channel: 11, dtype: "string", values: ["", "<b>µ</b>"] },
];

function scalars(buffer: ArrayBuffer): ScalarsMessage {
  const message = decodeBinary(buffer);
  if (message?.kind !== "scalars") throw new Error("no scalars");
  return message;
}

function frame(buffer: ArrayBuffer): FrameMessage {
  const message = decodeBinary(buffer);
  if (message?.kind !== "frame") throw new Error("no frame");
  return message;
}

function text(message: string): TextMessage {
  return decodeText(message, (channel) => ["zero", "one", "two"][channel]!);
}

describe("the scalars table", () => {
  it("gives every type back, 64 bits and text included", () => {
    const { table, epoch, serverMicros, lost } = scalars(encodeScalars(3, encodeTable(ROWS, COLUMNS), 4, 5));
    expect([epoch, serverMicros, lost, table.rows]).toEqual([3, 4, 5, 2]);
    COLUMNS.forEach(({ channel, dtype, values }, index) => {
      expect(table.columns[index]).toMatchObject({ channel, dtype });
      expect([0, 1].map((row) => table.columns[index]!.at(row))).toEqual(
        values.map((value) => ({ state: "value", dtype, value })),
      );
    });
  });

  it("gives identity and time of each row, null for a time that is missing", () => {
    const { table } = scalars(encodeScalars(3, encodeTable(ROWS, [])));
    expect([table.sequence(1), table.pulseId(1), table.sourceTime(0), table.sourceTime(1)]).toEqual([
      2n,
      2n ** 63n + 6n,
      null,
      1_763_800_000_123_456_789n,
    ]);
    expect(() => table.sequence(99)).toThrow(ProtocolError);
  });

  it("tells absent, null and invalid values apart", () => {
    const rows = [0, 1, 2, 3].map((index) => ({ sequence: BigInt(index), pulseId: 0n, sourceTime: 0n }));
    const columns: TestColumn[] = [
      { channel: 1, dtype: "string", states: [0, 1, 2, 3], values: ["", "x", "", ""] },
      { channel: 2, dtype: "nothing", states: [2, 2, 3, 0], values: [] },
    ];
    const { table } = scalars(encodeScalars(1, encodeTable(rows, columns)));
    expect(rows.map((_, row) => table.columns[0]!.at(row)?.state)).toEqual([undefined, "value", "null", "invalid"]);
    expect(rows.map((_, row) => table.columns[1]!.at(row)?.state)).toEqual(["null", "null", "invalid", undefined]);
    expect(() => table.columns[0]!.at(4)).toThrow(ProtocolError);
  });

  it("refuses a type that it does not know, and strings that go backwards or beyond the end", () => {
    const table = encodeTable(ROWS, [{ channel: 1, dtype: "string", values: ["ab", "c"] }]);
    const start = 8 + 24 * 2;
    for (const [at, value] of [
      [start + 4, 99],
      [start + 8 + 4, 200],
      [start + 8 + 8, 1],
    ] as const) {
      const broken = table.slice();
      broken[at] = value;
      expect(() => decodeBinary(encodeScalars(1, broken)), `byte ${at}`).toThrow(ProtocolError);
    }
  });
});

describe("a frame", () => {
  const image = imageBlock(Uint16Array.of(1, 2, 3, 4, 5, 6), "uint16", [2, 3], {
    crop: [4, 5, 3, 2],
    binning: 2,
    slice: [1, 9],
  });
  const values = { keys: { role: "values", format: "table" }, payload: encodeTable([ROWS[1]!], []) };

  it("gives identity, times and the image with what is said about it", () => {
    const message = frame(
      encodeFrame({ epoch: 8, sequence: 2n ** 64n - 1n, pulseId: 7n, blocks: [image, values], micros: 12, notSent: 3 }),
    );
    expect(message).toMatchObject({ serverMicros: 12, notSent: 3 });
    expect(message.frame.pulse).toEqual({
      epoch: 8,
      sequence: 2n ** 64n - 1n,
      pulseId: 7n,
      sourceTime: 5n,
      receiptTime: 9n,
    });
    expect(message.frame.image).toMatchObject({
      channel: 7,
      dtype: "uint16",
      shape: [2, 3],
      crop: [4, 5, 3, 2],
      binning: 2,
      slice: [1, 9],
      exact: true,
      colour: null,
    });
    expect([...message.frame.image!.payload]).toEqual([1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
    expect(message.frame.values?.rows).toBe(1);
  });

  it("needs no image", () => {
    expect(frame(encodeFrame({ blocks: [] })).frame).toMatchObject({ image: null, arrays: [], values: null });
  });

  it("says which channels are left out, invalid or null", () => {
    const head = { omitted: [[1, "float64", [9, 9], "large"]], invalid: [[2, "why"]], null: [3] };
    expect(frame(encodeFrame({ blocks: [], head })).frame).toMatchObject({
      omitted: [{ channel: 1, dtype: "float64", shape: [9, 9], reason: "large" }],
      invalid: [{ channel: 2, reason: "why" }],
      nulls: [3],
    });
  });

  it("ignores keys, roles and kinds that it does not know", () => {
    const other = { keys: { role: "hologram", format: 1 }, payload: new Uint8Array(3) };
    expect(frame(encodeFrame({ blocks: [other, image], head: { later: {} } })).frame.image?.channel).toBe(7);
    const unknown = new Uint8Array(16);
    unknown.set([16, 0, 0, 0, 77]);
    expect(decodeBinary(unknown.buffer)).toBeNull();
  });

  it("refuses a block that lies outside of the message", () => {
    for (const keys of [
      { offset: 100_000 },
      { bytes: 100_000 },
      { offset: -8 },
      { bytes: 1.5 },
      { offset: "8" },
      { offset: 2 ** 53 },
    ]) {
      expect(
        () => decodeBinary(encodeFrame({ blocks: [{ ...image, keys: { ...image.keys, ...keys } }] })),
        JSON.stringify(keys),
      ).toThrow(ProtocolError);
    }
  });

  it("refuses blocks whose type, byte order or shape makes no sense", () => {
    for (const keys of [
      { dtype: "complex64" },
      { dtype: "toString" },
      { order: "middle" },
      { shape: [2, -3] },
      { shape: 6 },
      { shape: new Array(9).fill(1) },
      { crop: [1, 2, 3] },
      { channel: null },
      { slice: [1] },
    ]) {
      expect(
        () => decodeBinary(encodeFrame({ blocks: [{ ...image, keys: { ...image.keys, ...keys } }] })),
        JSON.stringify(keys),
      ).toThrow(ProtocolError);
    }
  });

  it("gives a preview with its place, its levels and the exact numbers of the image", () => {
    const keys = {
      format: "jpeg",
      exact: false,
      binning: 2,
      crop: [4, 2, 6, 4],
      of: [20, 30],
      source_dtype: "uint64",
      levels: [-1.5, 4e3],
      numbers: {
        min: "0",
        max: "18446744073709551615",
        sum: null,
        finite: 600,
        not_finite: 0,
        saturation: "4095",
        saturated: 2,
        later: 1,
      },
    };
    const part = imageBlock(Uint16Array.of(7), "uint16", [1, 1], { role: "detail", crop: [5, 3, 1, 1], of: [20, 30] });
    const sums = (axis: string) => imageBlock(Uint32Array.of(1, 2), "uint32", [2], { role: "profile", axis });
    const counts = imageBlock(Uint32Array.of(3), "uint32", [1], { role: "histogram", low: "0", width: "64" });
    const preview = imageBlock(new Uint8Array(6), "uint8", [2, 3], keys);
    const blocks = [preview, part, sums("x"), sums("y"), sums("z"), counts];
    const { frame: decoded } = frame(encodeFrame({ blocks }));
    expect(decoded.image).toMatchObject({
      binning: 2,
      crop: [4, 2, 6, 4],
      of: [20, 30],
      sourceDtype: "uint64",
      levels: [-1.5, 4000],
      numbers: { min: "0", max: "18446744073709551615", sum: null, finite: 600, saturation: "4095", saturated: 2 },
    });
    expect(decoded.detail).toMatchObject({ role: "detail", crop: [5, 3, 1, 1], exact: true, sourceDtype: "uint16" });
    expect([decoded.profiles.x?.shape, decoded.profiles.y?.shape]).toEqual([[2], [2]]);
    expect(decoded.histogram).toMatchObject({ low: 0, width: 64 });
    expect(decoded.arrays).toEqual([]);
  });

  it.each([
    { levels: [1] },
    { levels: [0, "x"] },
    { levels: [1, 2, 3] },
    { of: [2] },
    { of: [2, -1] },
    { crop: [0, 0, 1] },
    { binning: 1.5 },
    { source_dtype: "uint3" },
    { numbers: 3 },
    { numbers: { finite: "many" } },
  ])("refuses a preview that says %o", (keys) => {
    const block = imageBlock(Uint8Array.of(1), "uint8", [1, 1], keys);
    expect(() => decodeBinary(encodeFrame({ blocks: [block] }))).toThrow(ProtocolError);
  });

  it("meets any cut and any changed byte with a ProtocolError or a message", () => {
    const whole = new Uint8Array(encodeFrame({ blocks: [image, values], head: { null: [3] } }));
    const tables = new Uint8Array(encodeScalars(3, encodeTable(ROWS, COLUMNS)));
    for (const message of [whole, tables]) {
      for (let length = 0; length < message.length; length += length < 200 ? 1 : 37) {
        expect(() => decodeBinary(message.slice(0, length).buffer), `${length} bytes`).toThrow(ProtocolError);
      }
      let state = 1;
      for (let round = 0; round < 5000; round++) {
        const broken = message.slice();
        for (let change = 0; change < 2; change++) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          // The room for the head's digits is blank: changes there only break the JSON.
          broken[4 + (state % (message === whole ? 400 : message.length - 4))] = state >>> 24;
        }
        try {
          decodeBinary(broken.buffer);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
      }
    }
  });
});

describe("text messages", () => {
  it("takes a hello of its own protocol only", () => {
    const hello = {
      kind: "hello",
      clock_us: 1_500_000,
      protocol: "sov.1",
      build: "b",
      version: "1",
      epoch: 5,
      stream: "tcp://h:1",
      formats: ["raw"],
      limits: { max_rate: 60, viewer_mbit: 0, total_mbit: 800, loopback: true, message_bytes: 65536 },
      later: 1,
    };
    expect(text(JSON.stringify(hello))).toEqual({
      kind: "hello",
      clock: 1500,
      hello: { build: "b", version: "1", epoch: 5, stream: "tcp://h:1", formats: ["raw"], limits: hello.limits },
    });
    expect(() => text(JSON.stringify({ ...hello, protocol: "sov.2" }))).toThrow(ProtocolError);
  });

  it("gives a status with names instead of lists, whatever keys are missing", () => {
    const message = text(
      JSON.stringify({
        kind: "status",
        source: {
          state: "receiving",
          age_s: 0.5,
          pulse_id: "18446744073709551615",
          refused: { __proto__x: 1, bad: 2 },
          socket: "PULL",
        },
        images: [[2, "uint16", [2, 3]]],
        default_image: 1,
        you: { rtt_ms: 0.25, limit: "rate" },
      }),
    );
    if (message.kind !== "status") throw new Error("no status");
    expect(message.status.images).toEqual([{ name: "two", dtype: "uint16", shape: [2, 3] }]);
    expect(message.status.source).toMatchObject({
      age_s: 0.5,
      image_age_s: null,
      pulse_id: "18446744073709551615",
      socket: "PULL",
      lost: 0,
    });
    expect(message.status.source.refused["bad"]).toBe(2);
    expect(message.status.you).toMatchObject({ rtt_ms: 0.25, limit: "rate" });
    expect(message.status.defaultImage).toBe("one");
    expect(text('{"kind": "status", "default_image": null}')).toMatchObject({
      status: { defaultImage: null, images: [] },
    });
  });

  it("gives the names of channels as text, whatever they look like", () => {
    const channels = [
      [0, "<img src=x onerror=alert(1)>"],
      [1, "__proto__"],
    ];
    expect(text(JSON.stringify({ kind: "channels", channels }))).toEqual({ kind: "channels", channels });
    expect(() => text(JSON.stringify({ kind: "channels", channels: [["x", 1]] }))).toThrow(ProtocolError);
  });

  it("ignores kinds that it does not know and refuses what is no JSON object", () => {
    expect(text('{"kind": "later"}')).toEqual({ kind: "unknown" });
    expect(() => text("[1]")).toThrow(ProtocolError);
    expect(() => text("{")).toThrow(ProtocolError);
  });
});

describe("what the page says", () => {
  it("acknowledges in sixteen bytes", () => {
    expect([...new Uint8Array(encodeAck(2n ** 64n - 2n, 70_000.4))]).toEqual([
      1, 0, 0, 0, 0x70, 0x11, 1, 0, 254, 255, 255, 255, 255, 255, 255, 255,
    ]);
    expect(new DataView(encodeAck(0n, 1e12)).getUint32(4, true)).toBe(2 ** 32 - 1);
    expect(new DataView(encodeAck(0n, -1)).getUint32(4, true)).toBe(0);
  });

  it("is only what changes, if only that is said", () => {
    expect(JSON.parse(encodeWant({ hover: [3, 4], crop: null }))).toEqual({ kind: "want", hover: [3, 4], crop: null });
  });

  it("leaves the rate to the server unless the page named one", () => {
    const want = { image: null, slice: 0, format: "auto", rate: null, every: true, hidden: false } as const;
    expect(JSON.parse(encodeWant(want))).toEqual({
      kind: "want",
      image: null,
      slice: 0,
      format: "auto",
      every: true,
      hidden: false,
    });
    expect(JSON.parse(encodeWant({ ...want, rate: 5 }))).toMatchObject({ rate: 5 });
  });
});
