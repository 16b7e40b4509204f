/** A profile as it is drawn: few enough points for the screen, with every peak kept. Pure. */

/** Positions along the axis with the lowest and highest value there; the arrays are kept and reused. */
export class Trace {
  at = new Float64Array(0);
  low = new Float64Array(0);
  high = new Float64Array(0);
  count = 0;

  /**
   * Of values whose centres lie at start + index * step, those between `from` and `to`, all in pixels of the screen:
   * each value by itself where it has a pixel or more, else the extremes of each pixel. Values that are not finite are
   * left out. The points ascend along the screen.
   */
  follow(values: Float64Array, start: number, step: number, from: number, to: number): void {
    this.count = 0;
    if (step === 0 || !(to > from)) return;
    const ends = [(from - start) / step, (to - start) / step] as const;
    // One more on each side, so that the curve reaches the border.
    const first = Math.max(Math.floor(Math.min(...ends)) - 1, 0);
    const last = Math.min(Math.ceil(Math.max(...ends)) + 1, values.length - 1);
    if (last < first) return;
    this.reserve(Math.min(last - first, Math.ceil(to - from) + 4) + 1);
    const single = Math.abs(step) >= 1;
    const forward = step > 0;
    for (let index = forward ? first : last; forward ? index <= last : index >= first; index += forward ? 1 : -1) {
      const value = values[index] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      const place = start + index * step;
      this.add(single ? place : Math.floor(place) + 0.5, value, single);
    }
  }

  private add(place: number, value: number, single: boolean): void {
    const before = this.count - 1;
    if (!single && before >= 0 && this.at[before] === place) {
      if (value < this.low[before]!) this.low[before] = value;
      if (value > this.high[before]!) this.high[before] = value;
      return;
    }
    this.at[this.count] = place;
    this.low[this.count] = value;
    this.high[this.count] = value;
    this.count += 1;
  }

  private reserve(count: number): void {
    if (this.at.length >= count) return;
    this.at = new Float64Array(count);
    this.low = new Float64Array(count);
    this.high = new Float64Array(count);
  }
}

/** The lowest and highest finite value; null without any. */
export function extremes(values: Float64Array): [low: number, high: number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}
