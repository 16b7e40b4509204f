// biome-ignore-all format: written as tables, one row of vectors or one exchange of bits in a line
/*
 * Bitshuffle + LZ4 in AssemblyScript (compiled by `asc`, not by `tsc`), and the search for extremes in what was decoded. The caller lays out the memory, one after the
 * other and each with SLACK bytes behind it that may be read and overwritten: the scratch for one unpacked block, the
 * decoded elements (nothing is written behind these), the payload.
 *
 * Lengths and offsets of the payload are checked before they are used. Copies go in steps of 16 bytes, so they may run
 * beyond what was checked, by less than SLACK, and only in the scratch; what they leave there is overwritten or unread.
 */

/** Room behind each part of the memory, in bytes: a copy oversteps by up to 31 bytes. */
export const SLACK: i32 = 64;

const SOUND = 0;
const CHAIN_ENDS = 1;
const BLOCK_BEYOND = 2;
const BLOCK_DAMAGED = 3;
const REST_DIFFERS = 4;

const MIN_MATCH: usize = 4;

/** Row `n` repeats the bytes 0 to n - 1: what a match from n bytes back makes of the 16 bytes that it begins at. */
const REPEATS = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
  0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
  0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
  0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
], 16);

/** Of these 16 bytes, how many are whole repetitions. */
const STEPS = memory.data<u8>([16, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15]);

/** Byte planes of one tile: 8 vectors for each byte of an element. */
const PLANES = memory.data(8 * 8 * 16, 16);
const PLANE: usize = 8 * 16;
/** Columns of a tile: eight rows of so many bytes become 128 elements. */
const TILE: usize = 16;

/** Address from which on the memory is the caller's. */
export function base(): usize {
  return (__heap_base + 15) & ~15;
}

/**
 * Decodes the chain of blocks at [from, end), without its 12-byte header.
 *
 * @param block elements in a block, a multiple of 8, at least 8; the scratch holds min(block, elements) of them
 * @param itemBytes 1, 2, 4 or 8
 * @param swap reverse the bytes of each element
 * @returns 0, or what is wrong with the payload
 */
export function decode(
  from: usize, end: usize, scratch: usize, target: usize, elements: usize, itemBytes: usize, block: usize, swap: bool,
): i32 {
  let to = target;
  for (let left = elements & ~7; left > 0; ) {
    const count = min(block, left);
    if (end - from < 4) return CHAIN_ENDS;
    const packed: usize = bswap(load<u32>(from));
    from += 4;
    if (packed > end - from) return BLOCK_BEYOND;
    if (!unpack(from, from + packed, scratch, count * itemBytes)) return BLOCK_DAMAGED;
    unshuffle(scratch, to, count, itemBytes, swap);
    from += packed;
    to += count * itemBytes;
    left -= count;
  }
  const rest = (elements & 7) * itemBytes;
  if (end - from != rest) return REST_DIFFERS;
  const flip = swap ? itemBytes - 1 : 0;
  for (let at: usize = 0; at < rest; at++) store<u8>(to + (at ^ flip), load<u8>(from + at));
  return SOUND;
}

/** Unpacks the LZ4 block [from, end); true if it is sound and makes `bytes` bytes exactly. */
function unpack(from: usize, end: usize, start: usize, bytes: usize): bool {
  const limit = start + bytes;
  let to = start;
  while (from < end) {
    const token: usize = load<u8>(from++);
    let length = token >> 4;
    if (length == 15) {
      let more: usize;
      do {
        // A length that is too large anyway is not added up any further, so that it never wraps.
        if (from >= end || length > limit - to) return false;
        more = load<u8>(from++);
        length += more;
      } while (more == 255);
    }
    if (length > end - from || length > limit - to) return false;
    copy(from, to, length);
    from += length;
    to += length;
    if (from == end) return to == limit;

    if (end - from < 2) return false;
    const offset: usize = load<u16>(from);
    from += 2;
    length = token & 15;
    if (length == 15) {
      let more: usize;
      do {
        if (from >= end || length > limit - to) return false;
        more = load<u8>(from++);
        length += more;
      } while (more == 255);
    }
    length += MIN_MATCH;
    if (offset == 0 || offset > to - start || length > limit - to) return false;
    if (offset >= 16) copy(to - offset, to, length);
    else repeat(to - offset, to, length, offset);
    to += length;
  }
  return false;
}

/** Copies in steps of 16 bytes; a match that overlaps itself begins 16 bytes back or more. */
function copy(from: usize, to: usize, length: usize): void {
  v128.store(to, v128.load(from));
  if (length <= 16) return;
  const stop = to + length;
  do {
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    to += 32;
    from += 32;
  } while (to + 16 < stop);
}

/** Repeats the last `offset` bytes, 1 to 15. */
function repeat(from: usize, to: usize, length: usize, offset: usize): void {
  const pattern = i8x16.swizzle(v128.load(from), v128.load(REPEATS + 16 * offset));
  const step: usize = load<u8>(STEPS + offset);
  for (const stop = to + length; to < stop; to += step) v128.store(to, pattern);
}

/**
 * Puts the bits of `count` elements (a multiple of 8) back together. Row `8 b + k` of the block holds bit k of byte b
 * of each element, eight elements to a column of one byte, the first in its lowest bit.
 */
function unshuffle(from: usize, to: usize, count: usize, itemBytes: usize, swap: bool): void {
  const width = count >> 3;
  const flip = swap ? itemBytes - 1 : 0;
  if (width < TILE) {
    for (let byte: usize = 0; byte < itemBytes; byte++) {
      bytewise(from + 8 * byte * width, width, to + (byte ^ flip), itemBytes);
    }
    return;
  }
  for (let x: usize = 0; x < width; x += TILE) {
    // The last tile begins early enough to be whole: it makes some elements again.
    if (x > width - TILE) x = width - TILE;
    const at = to + 8 * x * itemBytes;
    for (let byte: usize = 0; byte < itemBytes; byte++) {
      plane(from + 8 * byte * width + x, width, PLANES + PLANE * (byte ^ flip));
    }
    if (itemBytes == 2) join2(at);
    else if (itemBytes == 8) join8(at);
    else if (itemBytes == 4) join4(at);
    else join1(at);
  }
}

/** One byte of each element where there are too few columns for a tile; every `stride`-th byte of the target. */
function bytewise(rows: usize, width: usize, to: usize, stride: usize): void {
  for (let x = rows; x < rows + width; x++) {
    let bits: u64 = 0;
    for (let row: usize = 0; row < 8; row++) bits |= load<u8>(x + row * width) << (8 * <u64>row);
    let t = (bits ^ (bits >> 7)) & 0x00aa00aa00aa00aa;
    bits ^= t ^ (t << 7);
    t = (bits ^ (bits >> 14)) & 0x0000cccc0000cccc;
    bits ^= t ^ (t << 14);
    t = (bits ^ (bits >> 28)) & 0x00000000f0f0f0f0;
    bits ^= t ^ (t << 28);
    for (let element = 0; element < 8; element++, to += stride, bits >>= 8) store<u8>(to, <u8>bits);
  }
}

/**
 * Eight rows of a tile, one for each bit, into eight vectors, one for each of the eight elements of a column, by
 * exchanging bits between the rows (Hacker's Delight, 7-3).
 */
function plane(from: usize, width: usize, to: usize): void {
  let r0 = v128.load(from);
  let r1 = v128.load(from + width);
  let r2 = v128.load(from + 2 * width);
  let r3 = v128.load(from + 3 * width);
  let r4 = v128.load(from + 4 * width);
  let r5 = v128.load(from + 5 * width);
  let r6 = v128.load(from + 6 * width);
  let r7 = v128.load(from + 7 * width);
  const nibbles = i8x16.splat(0x0f);
  const pairs = i8x16.splat(0x33);
  const bits = i8x16.splat(0x55);
  let t = difference(r0, r4, 4, nibbles); r4 = v128.xor(r4, t); r0 = v128.xor(r0, i32x4.shl(t, 4));
  t = difference(r1, r5, 4, nibbles); r5 = v128.xor(r5, t); r1 = v128.xor(r1, i32x4.shl(t, 4));
  t = difference(r2, r6, 4, nibbles); r6 = v128.xor(r6, t); r2 = v128.xor(r2, i32x4.shl(t, 4));
  t = difference(r3, r7, 4, nibbles); r7 = v128.xor(r7, t); r3 = v128.xor(r3, i32x4.shl(t, 4));
  t = difference(r0, r2, 2, pairs); r2 = v128.xor(r2, t); r0 = v128.xor(r0, i32x4.shl(t, 2));
  t = difference(r1, r3, 2, pairs); r3 = v128.xor(r3, t); r1 = v128.xor(r1, i32x4.shl(t, 2));
  t = difference(r4, r6, 2, pairs); r6 = v128.xor(r6, t); r4 = v128.xor(r4, i32x4.shl(t, 2));
  t = difference(r5, r7, 2, pairs); r7 = v128.xor(r7, t); r5 = v128.xor(r5, i32x4.shl(t, 2));
  t = difference(r0, r1, 1, bits); r1 = v128.xor(r1, t); r0 = v128.xor(r0, i32x4.shl(t, 1));
  t = difference(r2, r3, 1, bits); r3 = v128.xor(r3, t); r2 = v128.xor(r2, i32x4.shl(t, 1));
  t = difference(r4, r5, 1, bits); r5 = v128.xor(r5, t); r4 = v128.xor(r4, i32x4.shl(t, 1));
  t = difference(r6, r7, 1, bits); r7 = v128.xor(r7, t); r6 = v128.xor(r6, i32x4.shl(t, 1));
  v128.store(to, r0);
  v128.store(to, r1, 16);
  v128.store(to, r2, 32);
  v128.store(to, r3, 48);
  v128.store(to, r4, 64);
  v128.store(to, r5, 80);
  v128.store(to, r6, 96);
  v128.store(to, r7, 112);
}

/** Where the high bits of `a` and the low bits of `b`, those of the mask, are not the same. */
function difference(a: v128, b: v128, by: i32, mask: v128): v128 {
  return v128.and(v128.xor(i32x4.shr_u(a, by), b), mask);
}

/** Elements of one byte: the vectors of the plane have but to alternate. */
function join1(to: usize): void {
  const r0 = v128.load(PLANES), r1 = v128.load(PLANES, 16), r2 = v128.load(PLANES, 32), r3 = v128.load(PLANES, 48);
  const r4 = v128.load(PLANES, 64), r5 = v128.load(PLANES, 80), r6 = v128.load(PLANES, 96), r7 = v128.load(PLANES, 112);
  columns1(low8(r0, r1), low8(r2, r3), low8(r4, r5), low8(r6, r7), to);
  columns1(high8(r0, r1), high8(r2, r3), high8(r4, r5), high8(r6, r7), to + 64);
}

/** Eight columns of four pairs of elements. */
function columns1(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const ab0 = low16(a, b), ab1 = high16(a, b), cd0 = low16(c, d), cd1 = high16(c, d);
  v128.store(to, low32(ab0, cd0));
  v128.store(to, high32(ab0, cd0), 16);
  v128.store(to, low32(ab1, cd1), 32);
  v128.store(to, high32(ab1, cd1), 48);
}

/** Elements of two bytes: those of the first eight columns, then the others. */
function join2(to: usize): void {
  columns2(
    low8(first(0), second(0)), low8(first(16), second(16)), low8(first(32), second(32)), low8(first(48), second(48)),
    low8(first(64), second(64)), low8(first(80), second(80)), low8(first(96), second(96)),
    low8(first(112), second(112)), to,
  );
  columns2(
    high8(first(0), second(0)), high8(first(16), second(16)), high8(first(32), second(32)),
    high8(first(48), second(48)), high8(first(64), second(64)), high8(first(80), second(80)),
    high8(first(96), second(96)), high8(first(112), second(112)), to + 128,
  );
}

function first(at: usize): v128 {
  return v128.load(PLANES + at);
}

function second(at: usize): v128 {
  return v128.load(PLANES + PLANE + at);
}

/** Transposes 8 x 8 numbers of 16 bits: from a vector for each element to one for each column. */
function columns2(
  e0: v128, e1: v128, e2: v128, e3: v128, e4: v128, e5: v128, e6: v128, e7: v128, to: usize,
): void {
  const a0 = low16(e0, e1), a1 = high16(e0, e1), b0 = low16(e2, e3), b1 = high16(e2, e3);
  const c0 = low16(e4, e5), c1 = high16(e4, e5), d0 = low16(e6, e7), d1 = high16(e6, e7);
  columns2of4(low32(a0, b0), high32(a0, b0), low32(c0, d0), high32(c0, d0), to);
  columns2of4(low32(a1, b1), high32(a1, b1), low32(c1, d1), high32(c1, d1), to + 64);
}

function columns2of4(a0: v128, a1: v128, b0: v128, b1: v128, to: usize): void {
  v128.store(to, low64(a0, b0));
  v128.store(to, high64(a0, b0), 16);
  v128.store(to, low64(a1, b1), 32);
  v128.store(to, high64(a1, b1), 48);
}

/** Elements of four bytes, four elements of each column at a time. */
function join4(to: usize): void {
  for (let at = PLANES; at < PLANES + PLANE; at += 4 * 16, to += 4 * 4) {
    const a0 = v128.load(at), a1 = v128.load(at, 16), a2 = v128.load(at, 32), a3 = v128.load(at, 48);
    const b0 = v128.load(at, 128), b1 = v128.load(at, 144), b2 = v128.load(at, 160), b3 = v128.load(at, 176);
    const c0 = v128.load(at, 256), c1 = v128.load(at, 272), c2 = v128.load(at, 288), c3 = v128.load(at, 304);
    const d0 = v128.load(at, 384), d1 = v128.load(at, 400), d2 = v128.load(at, 416), d3 = v128.load(at, 432);
    columns4(
      low8(a0, b0), low8(c0, d0), low8(a1, b1), low8(c1, d1), low8(a2, b2), low8(c2, d2), low8(a3, b3), low8(c3, d3),
      to,
    );
    columns4(
      high8(a0, b0), high8(c0, d0), high8(a1, b1), high8(c1, d1), high8(a2, b2), high8(c2, d2), high8(a3, b3),
      high8(c3, d3), to + 256,
    );
  }
}

/** Eight columns of four elements, of each the lower (l) and the upper (u) two bytes. */
function columns4(
  l0: v128, u0: v128, l1: v128, u1: v128, l2: v128, u2: v128, l3: v128, u3: v128, to: usize,
): void {
  columns4of4(low16(l0, u0), low16(l1, u1), low16(l2, u2), low16(l3, u3), to);
  columns4of4(high16(l0, u0), high16(l1, u1), high16(l2, u2), high16(l3, u3), to + 128);
}

/** Transposes 4 x 4 numbers of 32 bits; the columns lie 32 bytes apart. */
function columns4of4(e0: v128, e1: v128, e2: v128, e3: v128, to: usize): void {
  const a0 = low32(e0, e1), a1 = high32(e0, e1), b0 = low32(e2, e3), b1 = high32(e2, e3);
  v128.store(to, low64(a0, b0));
  v128.store(to, high64(a0, b0), 32);
  v128.store(to, low64(a1, b1), 64);
  v128.store(to, high64(a1, b1), 96);
}

/** Elements of eight bytes, two elements of each column at a time. */
function join8(to: usize): void {
  for (let pair: usize = 0; pair < 8; pair += 2) {
    const at = PLANES + 16 * pair;
    const a0 = v128.load(at), a1 = v128.load(at, 16), b0 = v128.load(at, 128), b1 = v128.load(at, 144);
    const c0 = v128.load(at, 256), c1 = v128.load(at, 272), d0 = v128.load(at, 384), d1 = v128.load(at, 400);
    const e0 = v128.load(at, 512), e1 = v128.load(at, 528), f0 = v128.load(at, 640), f1 = v128.load(at, 656);
    const g0 = v128.load(at, 768), g1 = v128.load(at, 784), h0 = v128.load(at, 896), h1 = v128.load(at, 912);
    columns8(
      low8(a0, b0), low8(c0, d0), low8(e0, f0), low8(g0, h0), low8(a1, b1), low8(c1, d1), low8(e1, f1), low8(g1, h1),
      to + 8 * pair,
    );
    columns8(
      high8(a0, b0), high8(c0, d0), high8(e0, f0), high8(g0, h0), high8(a1, b1), high8(c1, d1), high8(e1, f1),
      high8(g1, h1), to + 8 * pair + 512,
    );
  }
}

/** Eight columns of two elements, each in four parts of two bytes. */
function columns8(
  a0: v128, b0: v128, c0: v128, d0: v128, a1: v128, b1: v128, c1: v128, d1: v128, to: usize,
): void {
  columns8of4(low16(a0, b0), low16(c0, d0), low16(a1, b1), low16(c1, d1), to);
  columns8of4(high16(a0, b0), high16(c0, d0), high16(a1, b1), high16(c1, d1), to + 256);
}

/** Four columns of two elements, of each the lower (l) and the upper (u) four bytes; the columns lie 64 bytes apart. */
function columns8of4(l0: v128, u0: v128, l1: v128, u1: v128, to: usize): void {
  const a0 = low32(l0, u0), a1 = high32(l0, u0), b0 = low32(l1, u1), b1 = high32(l1, u1);
  v128.store(to, low64(a0, b0));
  v128.store(to, high64(a0, b0), 64);
  v128.store(to, low64(a1, b1), 128);
  v128.store(to, high64(a1, b1), 192);
}

function low8(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function high8(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

function low16(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

function high16(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

function low32(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 4, 1, 5);
}

function high32(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 2, 6, 3, 7);
}

function low64(a: v128, b: v128): v128 {
  return v128.shuffle<u64>(a, b, 0, 2);
}

function high64(a: v128, b: v128): v128 {
  return v128.shuffle<u64>(a, b, 1, 3);
}

/** Not finite numbers that `scan` has passed over since it was last asked for them. */
let passed: i32 = 0;

export function takePassed(): i32 {
  const count = passed;
  passed = 0;
  return count;
}

/**
 * Looks for elements below `low` or above `high`, 64 bytes at a time, in [from, end); `low` is not above `high`. Numbers
 * that are not finite are neither: they are counted in `passed`.
 *
 * @param kind which elements: see `KINDS` of decode/wasm.ts
 * @returns the first 64 bytes that hold one, or what is left at the end: less than 64 bytes, not looked at
 */
export function scan(kind: i32, from: usize, end: usize, low: f64, high: f64): usize {
  if (kind == 0) return scanIntegers<u8>(from, end, <u8>low, <u8>high);
  if (kind == 1) return scanIntegers<i8>(from, end, <i8>low, <i8>high);
  if (kind == 2) return scanIntegers<u16>(from, end, <u16>low, <u16>high);
  if (kind == 3) return scanIntegers<i16>(from, end, <i16>low, <i16>high);
  if (kind == 4) return scanIntegers<u32>(from, end, <u32>low, <u32>high);
  if (kind == 5) return scanIntegers<i32>(from, end, <i32>low, <i32>high);
  if (kind == 6) return scanFloats(from, end, <f32>low, <f32>high);
  return scanDoubles(from, end, low, high);
}

function scanIntegers<T>(from: usize, end: usize, low: T, high: T): usize {
  const lows = v128.splat<T>(low), highs = v128.splat<T>(high);
  for (; from + 64 <= end; from += 64) {
    const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
    const most = v128.max<T>(v128.max<T>(a, b), v128.max<T>(c, d));
    const least = v128.min<T>(v128.min<T>(a, b), v128.min<T>(c, d));
    const beyond = v128.or(v128.xor(v128.max<T>(most, highs), highs), v128.xor(v128.min<T>(least, lows), lows));
    if (v128.any_true(beyond)) return from;
  }
  return from;
}

function scanFloats(from: usize, end: usize, low: f32, high: f32): usize {
  const lows = f32x4.splat(low), highs = f32x4.splat(high), zero = f32x4.splat(0);
  let counts = i32x4.splat(0);
  for (; from + 64 <= end; from += 64) {
    const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
    const noA = f32x4.ne(f32x4.sub(a, a), zero), noB = f32x4.ne(f32x4.sub(b, b), zero);
    const noC = f32x4.ne(f32x4.sub(c, c), zero), noD = f32x4.ne(f32x4.sub(d, d), zero);
    const beyond = v128.or(
      v128.or(beyond4(a, noA, lows, highs), beyond4(b, noB, lows, highs)),
      v128.or(beyond4(c, noC, lows, highs), beyond4(d, noD, lows, highs)),
    );
    if (v128.any_true(beyond)) break;
    counts = i32x4.sub(counts, i32x4.add(i32x4.add(noA, noB), i32x4.add(noC, noD)));
  }
  passed += i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1);
  passed += i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
  return from;
}

function beyond4(numbers: v128, no: v128, lows: v128, highs: v128): v128 {
  return v128.andnot(v128.or(f32x4.lt(numbers, lows), f32x4.gt(numbers, highs)), no);
}

function scanDoubles(from: usize, end: usize, low: f64, high: f64): usize {
  const lows = f64x2.splat(low), highs = f64x2.splat(high), zero = f64x2.splat(0);
  let counts = i64x2.splat(0);
  for (; from + 64 <= end; from += 64) {
    const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
    const noA = f64x2.ne(f64x2.sub(a, a), zero), noB = f64x2.ne(f64x2.sub(b, b), zero);
    const noC = f64x2.ne(f64x2.sub(c, c), zero), noD = f64x2.ne(f64x2.sub(d, d), zero);
    const beyond = v128.or(
      v128.or(beyond2(a, noA, lows, highs), beyond2(b, noB, lows, highs)),
      v128.or(beyond2(c, noC, lows, highs), beyond2(d, noD, lows, highs)),
    );
    if (v128.any_true(beyond)) break;
    counts = i64x2.sub(counts, i64x2.add(i64x2.add(noA, noB), i64x2.add(noC, noD)));
  }
  passed += <i32>(i64x2.extract_lane(counts, 0) + i64x2.extract_lane(counts, 1));
  return from;
}

function beyond2(numbers: v128, no: v128, lows: v128, highs: v128): v128 {
  return v128.andnot(v128.or(f64x2.lt(numbers, lows), f64x2.gt(numbers, highs)), no);
}
