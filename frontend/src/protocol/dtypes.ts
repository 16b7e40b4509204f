import type { DType } from "../contract";

/** Bytes of one element. */
export const ITEM_BYTES: Readonly<Record<DType, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

/** Codes of the scalars table in their order; the code is the index. */
export const TABLE_TYPES: readonly (DType | "string" | "nothing")[] = [
  "bool",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float32",
  "float64",
  "string",
  "nothing",
];

export function isDType(name: unknown): name is DType {
  return typeof name === "string" && Object.hasOwn(ITEM_BYTES, name);
}

export function isInteger(dtype: DType): boolean {
  return dtype !== "float32" && dtype !== "float64";
}
