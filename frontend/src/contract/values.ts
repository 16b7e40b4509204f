/** Values of a pulse, as they came. */

export type DType =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float32"
  | "float64";

/** A value of the stream as it came: 64-bit integers are bigint, everything else number; `null` and `invalid` are states. */
export type Scalar =
  | { state: "value"; dtype: DType | "string"; value: number | bigint | string | boolean }
  | { state: "null" }
  | { state: "invalid"; reason: string };

/** Identity of a pulse, and its times in nanoseconds (source: null if the message has none). */
export interface Pulse {
  epoch: number;
  sequence: bigint;
  pulseId: bigint;
  sourceTime: bigint | null;
  receiptTime: bigint | null;
}

export interface ArrayValue {
  dtype: DType;
  shape: number[];
  /** float64 copy for drawing; 64-bit integers above 2^53 are rounded here, and only here. */
  values: Float64Array;
  /** the same without loss, where `values` are rounded */
  exact?: BigInt64Array | BigUint64Array;
}

export interface Omitted {
  dtype: string;
  shape: number[];
  reason: string;
}

/** Values of one pulse, by channel name, in the order of the stream. */
export interface PulseValues {
  pulse: Pulse;
  scalars: Map<string, Scalar>;
  arrays: Map<string, ArrayValue>;
  omitted: Map<string, Omitted>;
}

/** The last value of a channel that has none in every message, and the pulse that it belongs to. */
export interface LastValue {
  scalar: Scalar;
  sequence: bigint;
  pulseId: bigint;
}

export interface ValuesNews {
  /** scalars of the newest pulse of the scalar lane (at most ten times a second), and how many rows arrived and were lost since the last */
  scalars: {
    values: PulseValues;
    rows: number;
    lost: number;
    /** of the rows that arrived since the last of these messages, for the channels that do not come with each pulse */
    last: Map<string, LastValue>;
  };
}
