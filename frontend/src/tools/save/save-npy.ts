/** Files of NumPy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0. Pure. */

import type { DType } from "../../contract";

/** As NumPy writes them; the bytes are little-endian, as on all machines that browsers run on. */
const DESCRIPTIONS: Record<DType, string> = {
  bool: "|b1",
  int8: "|i1",
  uint8: "|u1",
  int16: "<i2",
  uint16: "<u2",
  int32: "<i4",
  uint32: "<u4",
  int64: "<i8",
  uint64: "<u8",
  float32: "<f4",
  float64: "<f8",
};
/** Magic, version and length of the header, before it. */
const FIXED = 10;
/** The data begin at a multiple of that. */
const ALIGNMENT = 64;

/** What comes before the elements of an array in C order. */
export function npyHeader(dtype: DType, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dictionary = `{'descr': '${DESCRIPTIONS[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const total = Math.ceil((FIXED + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(total).fill(0x20);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, total - FIXED, true);
  bytes.set(new TextEncoder().encode(dictionary), FIXED);
  bytes[total - 1] = 0x0a;
  return bytes;
}
