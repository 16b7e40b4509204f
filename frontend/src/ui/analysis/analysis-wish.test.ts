import { describe, expect, it } from "vitest";
import type { Roi } from "../../contract";
import { AUTO_LEVELS, DEFAULT_COLOURS } from "../../defaults";
import { PIXEL_AXES } from "../stage/measure";
import { wantsAnalysis, wishOf } from "./analysis-wish";
import { DEFAULT_SETTINGS } from "../settings";

const REGION: Roi = { id: 2, name: "beam", shape: { kind: "ellipse", x: 1, y: 2, width: 3, height: 4 } };

const UNSEEN = { histogram: false, regions: false };

describe("what the worker has to compute", () => {
  it("is nothing for a page that nobody touched, and the histogram while it is seen", () => {
    const nothing = wishOf(DEFAULT_SETTINGS, PIXEL_AXES, UNSEEN);
    expect(nothing).toEqual({
      histogram: false,
      projections: null,
      rois: [],
      levelsRoi: null,
      tools: [],
      line: null,
      axes: PIXEL_AXES,
    });
    expect(wantsAnalysis(nothing)).toBe(false);
    expect(wantsAnalysis(wishOf(DEFAULT_SETTINGS, PIXEL_AXES, { histogram: true, regions: false }))).toBe(true);
  });

  it("is projections as they are set, of the image when their region is gone", () => {
    const projections = { on: true, roi: 2, baseline: "border", fit: false } as const;
    const settings = { ...DEFAULT_SETTINGS, projections };
    expect(wishOf({ ...settings, rois: [REGION] }, PIXEL_AXES, UNSEEN).projections).toEqual({
      roi: 2,
      baseline: "border",
      fit: false,
    });
    expect(wishOf(settings, PIXEL_AXES, UNSEEN).projections).toEqual({ roi: null, baseline: "border", fit: false });
  });

  it("is what the tools that are on compute", () => {
    const wish = wishOf({ ...DEFAULT_SETTINGS, beam: true }, PIXEL_AXES, UNSEEN);
    expect(wish.tools).toEqual(["beam"]);
    expect(wantsAnalysis(wish)).toBe(true);
  });

  it("is regions and the line, on the axes that there are", () => {
    const line = { x0: 1, y0: 2, x1: 3, y1: 4, width: 5 };
    const axes = { x: { kind: "linear", origin: 1, step: 2, unit: "mm" }, y: { kind: "pixel" } } as const;
    const wish = wishOf({ ...DEFAULT_SETTINGS, rois: [REGION], line }, axes, { histogram: false, regions: true });
    expect(wish).toMatchObject({ rois: [REGION], line, axes });
    expect(wantsAnalysis({ ...wish, line: null })).toBe(true);
    expect(wantsAnalysis({ ...wish, rois: [] })).toBe(true);
  });

  it("is no region whose numbers nobody sees, but those of projections and levels", () => {
    const rois = [REGION, { ...REGION, id: 3 }, { ...REGION, id: 4 }];
    const settings = { ...DEFAULT_SETTINGS, rois, roi: 4 };
    expect(wishOf(settings, PIXEL_AXES, UNSEEN).rois).toEqual([]);
    const projections = { ...DEFAULT_SETTINGS.projections, on: true, roi: 2 };
    const levels = { ...AUTO_LEVELS, of: "roi" } as typeof AUTO_LEVELS;
    const wish = wishOf({ ...settings, projections, colours: { ...DEFAULT_COLOURS, levels } }, PIXEL_AXES, UNSEEN);
    expect(wish.rois.map(({ id }) => id)).toEqual([2, 4]);
  });

  it("is the region of the levels only where levels are found in one that there is", () => {
    const of = (levels: typeof DEFAULT_COLOURS.levels, roi: number | null) =>
      wishOf({ ...DEFAULT_SETTINGS, colours: { ...DEFAULT_COLOURS, levels }, rois: [REGION], roi }, PIXEL_AXES, UNSEEN)
        .levelsRoi;
    expect(of({ ...AUTO_LEVELS, of: "roi" } as typeof AUTO_LEVELS, 2)).toBe(2);
    expect(of({ ...AUTO_LEVELS, of: "roi" } as typeof AUTO_LEVELS, 7)).toBeNull();
    expect(of(AUTO_LEVELS, 2)).toBeNull();
    expect(of({ mode: "manual", low: 1, high: 2 }, 2)).toBeNull();
  });
});
