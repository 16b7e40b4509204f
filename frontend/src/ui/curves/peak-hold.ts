/** The highest value so far of each point of a curve. Pure. */

export class PeakHold {
  private held: Float64Array | null = null;
  private of = "";
  private curves = 0;

  /** The maximum; null before the first curve. Its array is changed in place by the next one. */
  get maximum(): Float64Array | null {
    return this.held;
  }

  /** Curves that are in it. */
  get count(): number {
    return this.curves;
  }

  /** Adds a curve; one of another length or another name begins anew. What is no number counts for nothing. */
  add(name: string, values: Float64Array): void {
    if (this.held === null || this.of !== name || this.held.length !== values.length) {
      this.of = name;
      this.held = new Float64Array(values.length).fill(NaN);
      this.curves = 0;
    }
    const { held } = this;
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? NaN;
      if (Number.isNaN(value)) continue;
      const before = held[index] ?? NaN;
      if (!(before >= value)) held[index] = value;
    }
    this.curves += 1;
  }

  reset(): void {
    this.held = null;
    this.curves = 0;
  }
}
