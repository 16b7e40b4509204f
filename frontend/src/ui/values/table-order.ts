/** Order and selection of the rows of the value table. */

/**
 * Put new names where the stream has them, and keep the place of those that are absent from this pulse: rows must not
 * jump when channels come and go.
 */
export function mergeOrder(known: readonly string[], now: readonly string[]): string[] {
  const place = new Map(known.map((name, index) => [name, index]));
  const before = new Map<number, string[]>();
  let anchor = 0;
  for (const name of now) {
    const index = place.get(name);
    if (index !== undefined) anchor = index + 1;
    else before.set(anchor, [...(before.get(anchor) ?? []), name]);
  }
  return Array.from({ length: known.length + 1 }, (_, index) => [
    ...(before.get(index) ?? []),
    ...known.slice(index, index + 1),
  ]).flat();
}

/** True when the name holds every word of the filter, in any case. */
export function matchesFilter(name: string, filter: string): boolean {
  const lower = name.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
