/** Curves along an edge of the picture, one value for each pixel along it. Pure but for the path that it adds to. */

/** What a curve is drawn with: lines to points, or a new beginning after a gap. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

export interface EdgeCurve {
  values: ArrayLike<number>;
  /** place of the first value along the edge, and the way to the next one; CSS pixels */
  start: number;
  step: number;
  /** what is before or after is not drawn */
  from: number;
  to: number;
  /** place of a value across the edge */
  across(value: number): number;
  /** true: along x, the values go up; false: along y */
  horizontal: boolean;
}

/** Traces the curve; where several values share a pixel of the screen, their lowest and highest are joined. */
export function traceCurve(pen: Pen, { values, start, step, from, to, across, horizontal }: EdgeCurve): void {
  const point = (along: number, value: number, joined: boolean): void => {
    const [x, y] = horizontal ? [along, across(value)] : [across(value), along];
    if (joined) pen.lineTo(x, y);
    else pen.moveTo(x, y);
  };
  let joined = false;
  let pixel = NaN;
  let low = 0;
  let high = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? NaN;
    const along = start + index * step;
    if (!Number.isFinite(value)) {
      joined = false;
      pixel = NaN;
    } else if (along < from - Math.abs(step) || along > to + Math.abs(step)) {
      joined = false;
    } else if (joined && Math.floor(along) === pixel) {
      if (value < low) point(along, (low = value), true);
      else if (value > high) point(along, (high = value), true);
    } else {
      point(along, value, joined);
      joined = true;
      pixel = Math.floor(along);
      low = high = value;
    }
  }
}

/** Lowest and highest finite value of some curves; null if they have none. */
export function rangeOf(...curves: (ArrayLike<number> | null | undefined)[]): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const curve of curves) {
    for (let index = 0; index < (curve?.length ?? 0); index += 1) {
      const value = curve?.[index] ?? NaN;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}
