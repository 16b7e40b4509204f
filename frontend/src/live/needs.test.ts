import { describe, expect, it } from "vitest";
import type { AnalysisWish, ProcessingWish, Roi } from "../contract";
import { NO_NEED, type Uses } from "../tools/need";
import { cropFor, formatFor, needOf } from "./needs";

const NOTHING: AnalysisWish = {
  histogram: false,
  projections: null,
  rois: [],
  levelsRoi: null,
  tools: [],
  line: null,
  axes: { x: { kind: "pixel" }, y: { kind: "pixel" } },
};
const RAW: ProcessingWish = { background: true, threshold: null, average: { mode: "off", frames: 10 } };
const IDLE: Uses = { analysis: null, processing: RAW, background: "none", print: null };
const SIZE = { rows: 480, columns: 640 };

function rectangle(id: number, x: number, y: number, width: number, height: number): Roi {
  return { id, name: "", shape: { kind: "rectangle", x, y, width, height } };
}

function analysing(change: Partial<AnalysisWish>) {
  return needOf({ ...IDLE, analysis: { ...NOTHING, ...change } }, SIZE);
}

describe("what is needed of the server", () => {
  it("is nothing while nothing is wanted, or no image was seen", () => {
    expect(needOf(IDLE, SIZE)).toEqual(NO_NEED);
    expect(analysing({})).toEqual(NO_NEED);
    expect(needOf({ ...IDLE, processing: { ...RAW, threshold: 3 } }, null)).toEqual(NO_NEED);
  });

  it("is the exact pixels of the whole image for tools", () => {
    expect(analysing({ tools: ["beam"], rois: [rectangle(1, 10, 20, 30, 40)] })).toEqual({
      exact: true,
      region: "whole",
    });
  });

  it("is exact pixels of the box around all regions, lines and printed pixels, inside of the image", () => {
    expect(analysing({ rois: [rectangle(1, 10, 20, 30, 40)] })).toEqual({ exact: true, region: [10, 20, 30, 40] });
    const rois = [rectangle(1, 10, 20, 30, 40), rectangle(2, 600, 5, 100, 10), rectangle(3, 700, 0, 9, 9)];
    expect(analysing({ rois })).toEqual({ exact: true, region: [10, 5, 630, 55] });
    expect(analysing({ line: { x0: 10, y0: 20, x1: 30, y1: 20, width: 1 } }).region).toEqual([10, 20, 21, 1]);
    expect(analysing({ line: { x0: 10, y0: 20, x1: 10, y1: 40, width: 5 } }).region).toEqual([8, 20, 5, 21]);
    expect(needOf({ ...IDLE, print: [1, 2, 3, 4] }, SIZE)).toEqual({ exact: true, region: [1, 2, 3, 4] });
    expect(needOf({ ...IDLE, print: [900, 2, 3, 4] }, SIZE)).toEqual(NO_NEED);
  });

  it("is no part, but a preview will do, for what the server sums up", () => {
    expect(analysing({ histogram: true })).toEqual(NO_NEED);
    expect(analysing({ projections: { roi: null, baseline: "none", fit: true } })).toEqual({
      exact: false,
      region: "whole",
    });
    const rois = [rectangle(1, 10, 20, 30, 40)];
    expect(analysing({ rois, projections: { roi: 1, baseline: "none", fit: true } })).toEqual({
      exact: true,
      region: [10, 20, 30, 40],
    });
    expect(analysing({ rois, histogram: true })).toEqual({ exact: true, region: [10, 20, 30, 40] });
  });

  it("is all of the exact image for processing, of which a background needs to be there or taken", () => {
    const whole = { exact: true, region: "whole" };
    expect(needOf({ ...IDLE, processing: { ...RAW, threshold: 0 } }, SIZE)).toEqual(whole);
    expect(needOf({ ...IDLE, processing: { ...RAW, average: { mode: "running", frames: 3 } } }, SIZE)).toEqual(whole);
    expect(needOf({ ...IDLE, background: "taking" }, SIZE)).toEqual(whole);
    expect(needOf({ ...IDLE, background: "there" }, SIZE)).toEqual(whole);
    expect(needOf({ ...IDLE, background: "there", processing: { ...RAW, background: false } }, SIZE)).toEqual(NO_NEED);
  });
});

describe("what the server is asked for", () => {
  it("is exact where that is needed and the choice is automatic, else what was chosen", () => {
    expect(formatFor("auto", { exact: true, region: null })).toBe("exact");
    expect(formatFor("auto", NO_NEED)).toBe("auto");
    for (const format of ["exact", "raw", "preview", "float32"] as const) {
      expect(formatFor(format, { exact: true, region: null })).toBe(format);
    }
  });

  it("is what is visible together with what is needed", () => {
    expect(cropFor([10, 10, 20, 20], NO_NEED)).toEqual([10, 10, 20, 20]);
    expect(cropFor([10, 10, 20, 20], { exact: true, region: [100, 0, 10, 15] })).toEqual([10, 0, 100, 30]);
    expect(cropFor([10, 10, 20, 20], { exact: false, region: "whole" })).toBeNull();
    expect(cropFor(null, { exact: true, region: [100, 0, 10, 15] })).toBeNull();
  });
});
