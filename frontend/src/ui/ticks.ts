/** Round numbers along a scale, and a range that does not jump. */

/** Round numbers strictly between low and high, at most `most` of them, 1, 2 or 5 times a power of ten apart. */
export function niceTicks(low: number, high: number, most: number): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span) || most < 1) return [];
  let step = 10 ** Math.floor(Math.log10(span / most));
  for (const factor of [1, 2, 5, 10]) {
    if (span / (step * factor) <= most) {
      step *= factor;
      break;
    }
  }
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step); index * step <= high && ticks.length <= most; index += 1) {
    const value = Number((index * step).toPrecision(12));
    if (value > low && value < high) ticks.push(value);
  }
  return ticks;
}

/** Labels of ticks with the same number of decimals. */
export function evenLabels(ticks: readonly number[]): string[] {
  const plain = ticks.map((value) => String(Number(value.toPrecision(8))));
  if (plain.some((label) => label.includes("e") || label.length > 8))
    return ticks.map((value) => value.toExponential(1));
  const decimals = Math.max(0, ...plain.map((label) => label.split(".")[1]?.length ?? 0));
  return ticks.map((value) => value.toFixed(decimals));
}

/**
 * Range of an axis for data from `low` to `high`: it grows at once and shrinks only when the data fill less than two
 * thirds of it, so that noise does not shake the axis.
 */
export function stickyRange(previous: [number, number] | null, low: number, high: number): [number, number] {
  const span = high - low;
  const margin = span > 0 ? span * 0.08 : Math.abs(low) * 0.05 || 1;
  if (previous !== null && span > 0) {
    const [bottom, top] = previous;
    if (low >= bottom && high <= top && span >= (top - bottom) * 0.66) return previous;
  }
  return [low - margin, high + margin];
}
