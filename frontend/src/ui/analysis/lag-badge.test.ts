import { describe, expect, it } from "vitest";
import { lagText } from "./lag-badge";

const NOTHING = { drawnAt: 1000, projections: null, rois: [], line: null };
const LINE = { distance: Float64Array.of(0), values: Float64Array.of(1) };

describe("an analysis that is late", () => {
  it("says by how much, where somebody can notice it", () => {
    expect(lagText({ drawnAt: 1900 }, { ...NOTHING, line: LINE })).toBe("");
    expect(lagText({ drawnAt: 3600 }, { ...NOTHING, line: LINE })).toBe("Analysis 3 s behind the picture");
  });

  it("says nothing of a histogram, and nothing without a picture or a result", () => {
    expect(lagText({ drawnAt: 9000 }, NOTHING)).toBe("");
    expect(lagText(null, { ...NOTHING, line: LINE })).toBe("");
    expect(lagText({ drawnAt: 9000 }, null)).toBe("");
  });
});
