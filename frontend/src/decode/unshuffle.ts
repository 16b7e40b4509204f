/**
 * The inverse of bitshuffle for one block: row `8 b + k` of the block holds bit k of byte b of each element, eight
 * elements to a byte, the first in its lowest bit.
 *
 * Where the rows can be read as 32-bit words, 16 rows of 32 elements become 32 16-bit halves of elements by
 * exchanging bits between words in four steps (Hacker's Delight, 7-3), all words in registers. Byte order costs
 * nothing: it only says which rows are whose.
 */
export interface Shuffled {
  bytes: Uint8Array;
  /** the same memory; rows begin at its start */
  words: Int32Array;
}

/** Where elements go: three views on the same memory. */
export interface Elements {
  bytes: Uint8Array;
  halves: Uint16Array;
  words: Int32Array;
}

/**
 * Puts the bits of `count` elements (a multiple of 8) of `itemBytes` bytes back together, into `target` from the
 * element `first` on.
 *
 * @param swap reverse the bytes of each element
 */
export function unshuffle(
  source: Shuffled,
  target: Elements,
  first: number,
  count: number,
  itemBytes: number,
  swap: boolean,
): void {
  if (count % 32 !== 0) {
    for (let byte = 0; byte < itemBytes; byte++) {
      const to = first * itemBytes + (swap ? itemBytes - 1 - byte : byte);
      bytewise(source.bytes, byte * count, count >>> 3, target.bytes, to, itemBytes);
    }
    return;
  }
  const width = count >>> 5;
  if (itemBytes === 1) {
    octets(source.words, width, target.words, first >>> 2);
    return;
  }
  const halves = itemBytes >>> 1;
  for (let half = 0; half < halves; half++) {
    const low = swap ? itemBytes - 1 - 2 * half : 2 * half;
    const high = swap ? low - 1 : low + 1;
    sixteen(source.words, low * 8 * width, high * 8 * width, width, target.halves, first * halves + half, halves);
  }
}

/** One byte of each element, eight at a time: for block sizes that nobody uses and for the end of an image. */
function bytewise(rows: Uint8Array, from: number, width: number, out: Uint8Array, to: number, stride: number): void {
  for (let x = from; x < from + width; x++) {
    const [a, b, c, d] = [rows[x]!, rows[x + width]!, rows[x + 2 * width]!, rows[x + 3 * width]!];
    const [e, f, g, h] = [rows[x + 4 * width]!, rows[x + 5 * width]!, rows[x + 6 * width]!, rows[x + 7 * width]!];
    for (let bit = 0; bit < 8; bit++, to += stride) {
      out[to] =
        ((a >>> bit) & 1) |
        (((b >>> bit) & 1) << 1) |
        (((c >>> bit) & 1) << 2) |
        (((d >>> bit) & 1) << 3) |
        (((e >>> bit) & 1) << 4) |
        (((f >>> bit) & 1) << 5) |
        (((g >>> bit) & 1) << 6) |
        (((h >>> bit) & 1) << 7);
    }
  }
}

/**
 * 16 rows of `width` words: bits 0 to 7 at `low`, 8 to 15 at `high`; one 16-bit number in every `stride` places of
 * `out`.
 */
function sixteen(
  rows: Int32Array,
  low: number,
  high: number,
  width: number,
  out: Uint16Array,
  to: number,
  stride: number,
): void {
  let t = 0;
  // biome-ignore format: one exchange of bits in a line
  for (let x = 0; x < width; x++, to += 32 * stride) {
    const l = low + x;
    const h = high + x;
    let r0 = rows[l]!;
    let r1 = rows[l + width]!;
    let r2 = rows[l + 2 * width]!;
    let r3 = rows[l + 3 * width]!;
    let r4 = rows[l + 4 * width]!;
    let r5 = rows[l + 5 * width]!;
    let r6 = rows[l + 6 * width]!;
    let r7 = rows[l + 7 * width]!;
    let r8 = rows[h]!;
    let r9 = rows[h + width]!;
    let r10 = rows[h + 2 * width]!;
    let r11 = rows[h + 3 * width]!;
    let r12 = rows[h + 4 * width]!;
    let r13 = rows[h + 5 * width]!;
    let r14 = rows[h + 6 * width]!;
    let r15 = rows[h + 7 * width]!;
    t = ((r0 >>> 8) ^ r8) & 0x00ff00ff; r8 ^= t; r0 ^= t << 8;
    t = ((r1 >>> 8) ^ r9) & 0x00ff00ff; r9 ^= t; r1 ^= t << 8;
    t = ((r2 >>> 8) ^ r10) & 0x00ff00ff; r10 ^= t; r2 ^= t << 8;
    t = ((r3 >>> 8) ^ r11) & 0x00ff00ff; r11 ^= t; r3 ^= t << 8;
    t = ((r4 >>> 8) ^ r12) & 0x00ff00ff; r12 ^= t; r4 ^= t << 8;
    t = ((r5 >>> 8) ^ r13) & 0x00ff00ff; r13 ^= t; r5 ^= t << 8;
    t = ((r6 >>> 8) ^ r14) & 0x00ff00ff; r14 ^= t; r6 ^= t << 8;
    t = ((r7 >>> 8) ^ r15) & 0x00ff00ff; r15 ^= t; r7 ^= t << 8;
    t = ((r0 >>> 4) ^ r4) & 0x0f0f0f0f; r4 ^= t; r0 ^= t << 4;
    t = ((r1 >>> 4) ^ r5) & 0x0f0f0f0f; r5 ^= t; r1 ^= t << 4;
    t = ((r2 >>> 4) ^ r6) & 0x0f0f0f0f; r6 ^= t; r2 ^= t << 4;
    t = ((r3 >>> 4) ^ r7) & 0x0f0f0f0f; r7 ^= t; r3 ^= t << 4;
    t = ((r8 >>> 4) ^ r12) & 0x0f0f0f0f; r12 ^= t; r8 ^= t << 4;
    t = ((r9 >>> 4) ^ r13) & 0x0f0f0f0f; r13 ^= t; r9 ^= t << 4;
    t = ((r10 >>> 4) ^ r14) & 0x0f0f0f0f; r14 ^= t; r10 ^= t << 4;
    t = ((r11 >>> 4) ^ r15) & 0x0f0f0f0f; r15 ^= t; r11 ^= t << 4;
    t = ((r0 >>> 2) ^ r2) & 0x33333333; r2 ^= t; r0 ^= t << 2;
    t = ((r1 >>> 2) ^ r3) & 0x33333333; r3 ^= t; r1 ^= t << 2;
    t = ((r4 >>> 2) ^ r6) & 0x33333333; r6 ^= t; r4 ^= t << 2;
    t = ((r5 >>> 2) ^ r7) & 0x33333333; r7 ^= t; r5 ^= t << 2;
    t = ((r8 >>> 2) ^ r10) & 0x33333333; r10 ^= t; r8 ^= t << 2;
    t = ((r9 >>> 2) ^ r11) & 0x33333333; r11 ^= t; r9 ^= t << 2;
    t = ((r12 >>> 2) ^ r14) & 0x33333333; r14 ^= t; r12 ^= t << 2;
    t = ((r13 >>> 2) ^ r15) & 0x33333333; r15 ^= t; r13 ^= t << 2;
    t = ((r0 >>> 1) ^ r1) & 0x55555555; r1 ^= t; r0 ^= t << 1;
    t = ((r2 >>> 1) ^ r3) & 0x55555555; r3 ^= t; r2 ^= t << 1;
    t = ((r4 >>> 1) ^ r5) & 0x55555555; r5 ^= t; r4 ^= t << 1;
    t = ((r6 >>> 1) ^ r7) & 0x55555555; r7 ^= t; r6 ^= t << 1;
    t = ((r8 >>> 1) ^ r9) & 0x55555555; r9 ^= t; r8 ^= t << 1;
    t = ((r10 >>> 1) ^ r11) & 0x55555555; r11 ^= t; r10 ^= t << 1;
    t = ((r12 >>> 1) ^ r13) & 0x55555555; r13 ^= t; r12 ^= t << 1;
    t = ((r14 >>> 1) ^ r15) & 0x55555555; r15 ^= t; r14 ^= t << 1;
    out[to] = r0;
    out[to + stride] = r1;
    out[to + 2 * stride] = r2;
    out[to + 3 * stride] = r3;
    out[to + 4 * stride] = r4;
    out[to + 5 * stride] = r5;
    out[to + 6 * stride] = r6;
    out[to + 7 * stride] = r7;
    out[to + 8 * stride] = r8;
    out[to + 9 * stride] = r9;
    out[to + 10 * stride] = r10;
    out[to + 11 * stride] = r11;
    out[to + 12 * stride] = r12;
    out[to + 13 * stride] = r13;
    out[to + 14 * stride] = r14;
    out[to + 15 * stride] = r15;
    out[to + 16 * stride] = r0 >>> 16;
    out[to + 17 * stride] = r1 >>> 16;
    out[to + 18 * stride] = r2 >>> 16;
    out[to + 19 * stride] = r3 >>> 16;
    out[to + 20 * stride] = r4 >>> 16;
    out[to + 21 * stride] = r5 >>> 16;
    out[to + 22 * stride] = r6 >>> 16;
    out[to + 23 * stride] = r7 >>> 16;
    out[to + 24 * stride] = r8 >>> 16;
    out[to + 25 * stride] = r9 >>> 16;
    out[to + 26 * stride] = r10 >>> 16;
    out[to + 27 * stride] = r11 >>> 16;
    out[to + 28 * stride] = r12 >>> 16;
    out[to + 29 * stride] = r13 >>> 16;
    out[to + 30 * stride] = r14 >>> 16;
    out[to + 31 * stride] = r15 >>> 16;
  }
}

/** Eight rows of `width` words, elements of one byte: four of them to a word of `out`. */
function octets(rows: Int32Array, width: number, out: Int32Array, to: number): void {
  let t = 0;
  // biome-ignore format: one exchange of bits in a line
  for (let x = 0; x < width; x++, to += 8) {
    let r0 = rows[x]!;
    let r1 = rows[x + width]!;
    let r2 = rows[x + 2 * width]!;
    let r3 = rows[x + 3 * width]!;
    let r4 = rows[x + 4 * width]!;
    let r5 = rows[x + 5 * width]!;
    let r6 = rows[x + 6 * width]!;
    let r7 = rows[x + 7 * width]!;
    t = ((r0 >>> 4) ^ r4) & 0x0f0f0f0f; r4 ^= t; r0 ^= t << 4;
    t = ((r1 >>> 4) ^ r5) & 0x0f0f0f0f; r5 ^= t; r1 ^= t << 4;
    t = ((r2 >>> 4) ^ r6) & 0x0f0f0f0f; r6 ^= t; r2 ^= t << 4;
    t = ((r3 >>> 4) ^ r7) & 0x0f0f0f0f; r7 ^= t; r3 ^= t << 4;
    t = ((r0 >>> 2) ^ r2) & 0x33333333; r2 ^= t; r0 ^= t << 2;
    t = ((r1 >>> 2) ^ r3) & 0x33333333; r3 ^= t; r1 ^= t << 2;
    t = ((r4 >>> 2) ^ r6) & 0x33333333; r6 ^= t; r4 ^= t << 2;
    t = ((r5 >>> 2) ^ r7) & 0x33333333; r7 ^= t; r5 ^= t << 2;
    t = ((r0 >>> 1) ^ r1) & 0x55555555; r1 ^= t; r0 ^= t << 1;
    t = ((r2 >>> 1) ^ r3) & 0x55555555; r3 ^= t; r2 ^= t << 1;
    t = ((r4 >>> 1) ^ r5) & 0x55555555; r5 ^= t; r4 ^= t << 1;
    t = ((r6 >>> 1) ^ r7) & 0x55555555; r7 ^= t; r6 ^= t << 1;
    t = ((r0 >>> 8) ^ r1) & 0x00ff00ff; r1 ^= t; r0 ^= t << 8;
    t = ((r2 >>> 8) ^ r3) & 0x00ff00ff; r3 ^= t; r2 ^= t << 8;
    t = ((r4 >>> 8) ^ r5) & 0x00ff00ff; r5 ^= t; r4 ^= t << 8;
    t = ((r6 >>> 8) ^ r7) & 0x00ff00ff; r7 ^= t; r6 ^= t << 8;
    t = ((r0 >>> 16) ^ r2) & 0x0000ffff; r2 ^= t; r0 ^= t << 16;
    t = ((r1 >>> 16) ^ r3) & 0x0000ffff; r3 ^= t; r1 ^= t << 16;
    t = ((r4 >>> 16) ^ r6) & 0x0000ffff; r6 ^= t; r4 ^= t << 16;
    t = ((r5 >>> 16) ^ r7) & 0x0000ffff; r7 ^= t; r5 ^= t << 16;
    out[to] = r0;
    out[to + 2] = r1;
    out[to + 4] = r2;
    out[to + 6] = r3;
    out[to + 1] = r4;
    out[to + 3] = r5;
    out[to + 5] = r6;
    out[to + 7] = r7;
  }
}
