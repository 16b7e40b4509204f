const MIN_MATCH = 4;
/** From this length on the native copies win over a loop, whose calls cost about as much as so many bytes. */
const LONG = 48;

/**
 * Unpacks one LZ4 block, `source[from, end)`, into the first `bytes` bytes of `target`.
 *
 * @returns true if the block is sound and fills these bytes exactly. Nothing outside of them is written, whatever
 * the block holds.
 */
export function unpackLz4(source: Uint8Array, from: number, end: number, target: Uint8Array, bytes: number): boolean {
  if (from < 0 || end > source.length || bytes > target.length) return false;
  let to = 0;
  while (from < end) {
    const token = source[from++]!;
    let length = token >>> 4;
    if (length === 15) {
      let more: number;
      do {
        if (from >= end) return false;
        more = source[from++]!;
        length += more;
      } while (more === 255);
    }
    if (length > end - from || length > bytes - to) return false;
    if (length < LONG) {
      for (const stop = from + length; from < stop; ) target[to++] = source[from++]!;
    } else {
      target.set(source.subarray(from, from + length), to);
      from += length;
      to += length;
    }
    if (from === end) return to === bytes;

    if (end - from < 2) return false;
    const offset = source[from]! | (source[from + 1]! << 8);
    from += 2;
    length = token & 15;
    if (length === 15) {
      let more: number;
      do {
        if (from >= end) return false;
        more = source[from++]!;
        length += more;
      } while (more === 255);
    }
    length += MIN_MATCH;
    if (offset === 0 || offset > to || length > bytes - to) return false;
    const stop = to + length;
    if (length < LONG) {
      for (let match = to - offset; to < stop; ) target[to++] = target[match++]!;
    } else if (offset === 1) {
      target.fill(target[to - 1]!, to, stop);
      to = stop;
    } else {
      // A match may overlap what it makes: copy what is there, which doubles each time.
      const match = to - offset;
      for (let ready = offset; to < stop; ready *= 2) {
        const part = Math.min(ready, stop - to);
        target.copyWithin(to, match, match + part);
        to += part;
      }
    }
  }
  return false;
}
