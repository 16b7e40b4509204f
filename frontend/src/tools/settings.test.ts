import { describe, expect, it } from "vitest";
import type { Roi } from "../contract";
import { DEFAULT_SETTINGS as DEFAULT, type Settings } from "../ui/settings";
import { formatHash, parseHash } from "../ui/settings/address";

const ROIS: Roi[] = [
  { id: 1, name: "ROI 1", shape: { kind: "rectangle", x: 10, y: 20, width: 30, height: 40 } },
  { id: 2, name: 'halo: 50 %, left & "right" <b>', shape: { kind: "ellipse", x: 0, y: 0, width: 1, height: 2 } },
  { id: 3, name: "cut", shape: { kind: "line", x0: 1.25, y0: -0.5, x1: 100, y1: 7 } },
  {
    id: 4,
    name: "ä%3A",
    shape: {
      kind: "polygon",
      points: [
        [1, 2],
        [3.5, 4],
        [5, 6],
      ],
    },
  },
];

describe("analysis in the URL", () => {
  it("comes back", () => {
    const settings: Settings = {
      ...DEFAULT,
      projections: { on: true, roi: 2, baseline: "border", fit: false },
      rois: ROIS,
      roi: 4,
      line: { x0: 1, y0: 2, x1: 30.5, y1: 4, width: 9 },
      processing: { background: false, threshold: -5.5, average: { mode: "running", frames: 25 } },
    };
    expect(parseHash(formatHash(settings))).toEqual(settings);
  });

  it("is readable", () => {
    expect(formatHash({ ...DEFAULT, rois: ROIS.slice(0, 1), projections: { ...DEFAULT.projections, on: true } })).toBe(
      "#profiles=1&roi=rect:ROI+1:10,20,30,40",
    );
  });

  it("has centre of mass and rms as the facility's server has them, unless an address says otherwise", () => {
    for (const address of ["", "#profiles=1", "#profiles=1&baseline=mine"]) {
      expect(parseHash(address).projections.baseline).toBe("facility");
    }
    for (const baseline of ["none", "minimum", "border"]) {
      expect(parseHash(`#baseline=${baseline}`).projections.baseline).toBe(baseline);
    }
  });

  it("names regions by their place", () => {
    const rois = ROIS.slice(1, 3);
    const hash = formatHash({ ...DEFAULT, rois, roi: 3, projections: { ...DEFAULT.projections, roi: 2 } });
    const read = parseHash(hash);
    expect(read.rois.map(({ id }) => id)).toEqual([1, 2]);
    expect(read.roi).toBe(2);
    expect(read.projections.roi).toBe(1);
  });

  it("holds fifty regions at most", () => {
    const rois = Array.from({ length: 70 }, (_, index) => ({ ...ROIS[0]!, id: index + 1 }));
    expect(parseHash(formatHash({ ...DEFAULT, rois })).rois).toHaveLength(50);
    expect(parseHash(`#${"roi=rect:a:1,2,3,4&".repeat(70)}`).rois).toHaveLength(50);
  });

  it.each([
    "#profiles=2",
    "#baseline=sky",
    "#baseline=constructor",
    "#profiles-of=1",
    "#profiles-of=x",
    "#roi-chosen=1",
    "#roi=rect",
    "#roi=rect:a",
    "#roi=rect:a:1,2,3",
    "#roi=rect:a:1,2,0,4",
    "#roi=rect:a:1.5,2,3,4",
    "#roi=rect:a:-1,2,3,4",
    "#roi=rect::1,2,3,4",
    "#roi=circle:a:1,2,3,4",
    "#roi=rect:a:1,2,3,4:b",
    "#roi=rect:a:1e9,2,3,4",
    "#roi=rect:%25:1,2,3,4",
    "#roi=polygon:a:1,2,3,4",
    "#roi=polygon:a:1,2,3,4,5",
    "#roi=line:a:1,2,3,x",
    "#roi=polygon:a:",
    "#line=1,2,3,4",
    "#line=1,2,3,4,0",
    "#line=1,2,3,4,1.5",
    "#line=1,2,3,4,100",
    "#line=1,2,3,1e9,1",
    "#average=running",
    "#average=running,0",
    "#average=running,1e9",
    "#average=sideways,10",
    "#threshold=",
    "#threshold=NaN",
  ])("ignores %s", (hash) => {
    expect(parseHash(hash)).toEqual(DEFAULT);
  });

  it("keeps the whole parts beside the broken ones", () => {
    expect(parseHash("#roi=rect:a:x&roi=rect:b:1,2,3,4").rois).toEqual([
      { id: 1, name: "b", shape: { kind: "rectangle", x: 1, y: 2, width: 3, height: 4 } },
    ]);
  });
});
