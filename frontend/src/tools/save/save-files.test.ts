import { describe, expect, it } from "vitest";
import type { DType, Pulse, PulseValues, Scalar } from "../../contract";
import { fileName } from "./save-name";
import { npyHeader } from "./save-npy";
import { valuesCsv, valuesJson } from "./save-values";

const PULSE: Pulse = {
  epoch: 1,
  sequence: 5n,
  pulseId: 2n ** 63n,
  sourceTime: 1_600_000_000_123_456_789n,
  receiptTime: null,
};

describe("the header of a NumPy file", () => {
  const text = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

  it("says type and shape, is aligned, and ends with a line", () => {
    const header = npyHeader("uint16", [480, 640]);
    expect(text(header.subarray(0, 8))).toBe("\x93NUMPY\x01\x00".replace("\x93", text(Uint8Array.of(0x93))));
    expect(header.length % 64).toBe(0);
    expect(header[8]! + 256 * header[9]!).toBe(header.length - 10);
    expect(text(header.subarray(10)).trimEnd()).toBe("{'descr': '<u2', 'fortran_order': False, 'shape': (480, 640), }");
    expect(header.at(-1)).toBe(10);
  });

  it.each([
    ["bool", "|b1"],
    ["uint8", "|u1"],
    ["int64", "<i8"],
    ["float32", "<f4"],
  ] as [DType, string][])("knows %s", (dtype, descr) => {
    expect(text(npyHeader(dtype, [3]))).toContain(`'descr': '${descr}', 'fortran_order': False, 'shape': (3,), }`);
  });
});

describe("the name of a file", () => {
  it("is channel, pulse and time", () => {
    expect(fileName("CAM1:FPICTURE", PULSE, "npy")).toBe("CAM1_FPICTURE_9223372036854775808_20200913T122640.123Z.npy");
    expect(fileName("image", { ...PULSE, sourceTime: null }, "png", "x3_y4")).toBe(
      "image_9223372036854775808_x3_y4.png",
    );
  });

  it.each([
    ["../../etc/passwd", "etc_passwd"],
    ["..", "channel"],
    ["", "channel"],
    ["<b>ü</b>\u202e\0\n", "b_b"],
    ["-rf *", "rf"],
    ["C:\\a..b", "C_a.b"],
    ["x".repeat(500), "x".repeat(80)],
  ])("of %j is safe", (channel, name) => {
    expect(fileName(channel, { ...PULSE, pulseId: 1n, sourceTime: 2n ** 80n }, "csv")).toBe(`${name}_1.csv`);
  });
});

function pulseValues(): PulseValues {
  const value = (dtype: DType | "string", of: number | bigint | string | boolean): Scalar => ({
    state: "value",
    dtype,
    value: of,
  });
  return {
    pulse: PULSE,
    scalars: new Map<string, Scalar>([
      ["large", value("int64", -(2n ** 62n) - 1n)],
      ["double", value("float64", 0.1 + 0.2)],
      ["single", value("float32", Math.fround(0.1))],
      ["nan", value("float64", NaN)],
      ["yes", value("bool", true)],
      ['na"me,\n', value("string", '=cmd|"x"')],
      ["nothing", { state: "null" }],
      ["broken", { state: "invalid", reason: "too short" }],
      ["__proto__", value("int32", -7)],
    ]),
    arrays: new Map([
      ["curve", { dtype: "float32" as const, shape: [3], values: Float64Array.of(Math.fround(0.1), -Infinity, 2) }],
      [
        "wide",
        {
          dtype: "int64" as const,
          shape: [2],
          values: Float64Array.of(1.7000000001234568e18, -(2 ** 60)),
          exact: BigInt64Array.of(1_700_000_000_123_456_789n, -(2n ** 60n) - 1n),
        },
      ],
    ]),
    omitted: new Map([["film", { dtype: "uint8", shape: [2, 3, 4], reason: "too large" }]]),
  };
}

describe("the values as JSON", () => {
  const text = valuesJson(pulseValues(), { stream: "tcp://x:1", image: "image" });

  it("have all digits of 64-bit integers and times", () => {
    expect(text).toContain('"pulse_id": 9223372036854775808,');
    expect(text).toContain('"source_time_ns": 1600000000123456789,');
    expect(text).toContain('"large": {"dtype": "int64", "value": -4611686018427387905}');
  });

  it("are JSON, with every state told apart", () => {
    const channels = (JSON.parse(text) as { channels: Record<string, unknown> }).channels;
    expect(channels["double"]).toEqual({ dtype: "float64", value: 0.1 + 0.2 });
    expect(channels["single"]).toEqual({ dtype: "float32", value: 0.1 });
    expect(channels["nan"]).toEqual({ dtype: "float64", value: "NaN" });
    expect(channels["yes"]).toEqual({ dtype: "bool", value: true });
    expect(channels['na"me,\n']).toEqual({ dtype: "string", value: '=cmd|"x"' });
    expect(channels["nothing"]).toEqual({ state: "null", reason: "" });
    expect(channels["broken"]).toEqual({ state: "invalid", reason: "too short" });
    expect(channels["film"]).toEqual({ state: "omitted", reason: "too large" });
    expect(channels["curve"]).toEqual({ dtype: "float32", shape: [3], values: [0.1, "-Infinity", 2] });
    expect(text).toContain(
      '"wide": {"dtype": "int64", "shape": [2], "values": [1700000000123456789, -1152921504606846977]}',
    );
    expect(Object.keys(channels)).toHaveLength(12);
  });
});

describe("the values as CSV", () => {
  const lines = valuesCsv(pulseValues()).split("\r\n");

  it("have a line for each channel, with all digits", () => {
    expect(lines.slice(0, 3)).toEqual([
      "name,dtype,shape,value",
      "pulse_id,uint64,,9223372036854775808",
      "source_time_ns,int64,,1600000000123456789",
    ]);
    expect(lines).toContain("large,int64,,-4611686018427387905");
    expect(lines).toContain("double,float64,,0.30000000000000004");
    expect(lines).toContain("curve,float32,3,0.1 -inf 2");
    expect(lines).toContain("wide,int64,2,1700000000123456789 -1152921504606846977");
    expect(lines).toContain("nothing,,,");
    expect(lines).toContain("film,uint8,2x3x4,not here: too large");
    expect(lines.at(-1)).toBe("");
  });

  it("quote what needs it, and are no formulas", () => {
    expect(lines).toContain('"na""me,\n",string,,"\'=cmd|""x"""');
  });
});
