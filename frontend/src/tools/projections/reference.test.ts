import { describe, expect, it } from "vitest";
import type { Analysis, GaussFit, Projection } from "../../contract";
import { PIXEL_AXES } from "../../ui/stage/measure";
import { difference, incomparable, keepReference } from "./reference";

const FIT: GaussFit = {
  state: "converged",
  reason: null,
  offset: 1,
  amplitude: 2,
  mean: 30,
  sigma: 4,
  errors: [0, 0, 0, 0],
  mark: null,
};

function projection(fit: GaussFit | null, com: number | null = 31): Projection {
  return { first: 0, values: Float64Array.of(1, 2), baseline: 0, offset: null, moments: { com, rms: 5, fwhm: 6 }, fit };
}

function analysis(projections: Analysis["projections"]): Analysis {
  return {
    picture: 1,
    drawnAt: 0,
    pulse: { epoch: 1, sequence: 2n, pulseId: 3n, sourceTime: null, receiptTime: null },
    channel: "camera",
    source: "pixels",
    rate: 1,
    tookMs: 1,
    histogram: null,
    projections,
    rois: [],
    line: null,
    tools: {},
    missing: null,
  };
}

describe("a reference", () => {
  it("is kept of a picture with projections only", () => {
    expect(keepReference(analysis(null), PIXEL_AXES, 7)).toBeNull();
    const kept = keepReference(
      analysis({ region: [0, 0, 2, 2], x: projection(FIT), y: projection(null) }),
      PIXEL_AXES,
      7,
    );
    expect(kept).toMatchObject({ channel: "camera", keptAt: 7, region: [0, 0, 2, 2] });
    expect(kept?.x.fit?.mean).toBe(30);
  });

  it("is compared with the same image in the same units only", () => {
    const kept = keepReference(
      analysis({ region: [0, 0, 2, 2], x: projection(FIT), y: projection(FIT) }),
      PIXEL_AXES,
      7,
    )!;
    const um = { kind: "linear", origin: 0, step: 2, unit: "µm" } as const;
    expect(incomparable(kept, "camera", PIXEL_AXES)).toBeNull();
    expect(incomparable(kept, "other", PIXEL_AXES)).toContain("camera");
    expect(incomparable(kept, "camera", { x: um, y: um })).toContain("units");
  });

  it("differs by now minus then", () => {
    const now = projection({ ...FIT, mean: 33, sigma: 3.5 }, 30);
    expect(difference(now, projection(FIT))).toEqual({ mean: 3, sigma: -0.5, com: -1, rms: 0 });
  });

  it("differs by nothing where a fit failed or a profile is empty", () => {
    const failed: GaussFit = { ...FIT, state: "failed", reason: "no peak" };
    expect(difference(projection(failed, null), projection(FIT))).toMatchObject({ mean: null, sigma: null, com: null });
    expect(difference(projection(FIT), projection(failed))).toMatchObject({ mean: null, com: 0 });
  });
});
