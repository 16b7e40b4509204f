/** Parts of an image. */

/** x, y, width, height in pixels of the source. */
export type Region = [x: number, y: number, width: number, height: number];

/**
 * Region of interest, in pixels of the source. A rectangle and the box around an ellipse are whole pixels (first column
 * and row, number of columns and rows); the points of lines and polygons are places, (0, 0) the centre of the first
 * pixel. A pixel belongs to an ellipse or a polygon if its centre does.
 */
export type RoiShape =
  | { kind: "rectangle"; x: number; y: number; width: number; height: number }
  | { kind: "ellipse"; x: number; y: number; width: number; height: number }
  | { kind: "line"; x0: number; y0: number; x1: number; y1: number }
  | { kind: "polygon"; points: [x: number, y: number][] };

export interface Roi {
  /** 1, 2, ...; kept while the region lives */
  id: number;
  name: string;
  shape: RoiShape;
}
