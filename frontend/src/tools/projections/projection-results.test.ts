import { describe, expect, it } from "vitest";
import type { Analysis, GaussFit, Projection } from "../../contract";
import { definitionText, essentials, failures, resultRows, resultsAsText, warnings } from "./projection-results";
import { PIXEL_AXES } from "../../ui/stage/measure";
import { keepReference } from "./reference";

const GOOD: GaussFit = {
  state: "converged",
  reason: null,
  offset: 10,
  amplitude: 2000,
  mean: 31.234567,
  sigma: 4.5,
  errors: [1.5, 22, 0.0123, 0.034],
  mark: null,
};
const BAD: GaussFit = { ...GOOD, state: "failed", reason: "there is no peak" };

function projection(fit: GaussFit | null): Projection {
  return {
    first: 0,
    values: Float64Array.of(1, 2),
    baseline: 7,
    offset: null,
    moments: { com: 31.5, rms: 5.25, fwhm: null },
    fit,
  };
}

function analysis(x: GaussFit | null, y: GaussFit | null): Analysis {
  return {
    picture: 1,
    drawnAt: 0,
    pulse: { epoch: 1, sequence: 2n, pulseId: 99n, sourceTime: null, receiptTime: null },
    channel: "camera",
    source: "server",
    rate: 1,
    tookMs: 1,
    histogram: null,
    projections: { region: [0, 0, 2, 2], x: projection(x), y: projection(y) },
    rois: [],
    line: null,
    tools: {},
    missing: null,
  };
}

function cells(of: Analysis, name: string): unknown {
  const row = resultRows(of, PIXEL_AXES, null).find((one) => one.name === name);
  return row === undefined ? undefined : [row.x, row.y];
}

describe("results of projections", () => {
  it("have their uncertainties", () => {
    const both = analysis(GOOD, GOOD);
    expect(cells(both, "mean")).toEqual(["31.235 ± 0.012", "31.235 ± 0.012"]);
    expect(cells(both, "amplitude")).toEqual(["2000 ± 22", "2000 ± 22"]);
    expect(cells(both, "offset")).toEqual(["10.0 ± 1.5", "10.0 ± 1.5"]);
    expect(cells(both, "centre of mass")).toEqual(["31.5", "31.5"]);
    expect(cells(both, "FWHM")).toEqual(["–", "–"]);
  });

  it("never show numbers of a failed fit", () => {
    const half = analysis(GOOD, BAD);
    expect(cells(half, "fit")).toEqual(["converged", "failed"]);
    for (const name of ["mean", "sigma", "amplitude", "offset"]) expect((cells(half, name) as string[])[1]).toBe("–");
    expect(failures(half)).toEqual(["y: there is no peak"]);
    expect(essentials(half.projections!.y, "px")).toBe("fit failed");
    expect(essentials(half.projections!.x, "px")).toBe("mean 31.235 ± 0.012 px  σ 4.500 ± 0.034 px");
  });

  it("have no rows of a fit that nobody wanted", () => {
    expect(cells(analysis(null, null), "mean")).toBeUndefined();
    expect(essentials(projection(null), "px")).toBe("centre 31.5 px  rms 5.25 px");
  });

  it("warn of what is to be doubted", () => {
    const marked = analysis({ ...GOOD, mark: "saturated" }, { ...GOOD, mark: "clipped" });
    expect(warnings(marked)).toHaveLength(2);
    expect(warnings(marked)[0]).toContain("saturated");
    expect(warnings(marked)[1]).toContain("clipped");
    expect(warnings(analysis(GOOD, BAD))).toEqual([]);
  });

  it("differ from the reference", () => {
    const reference = keepReference(analysis(GOOD, GOOD), PIXEL_AXES, 0);
    const later = analysis({ ...GOOD, mean: 33.234567 }, BAD);
    const mean = resultRows(later, PIXEL_AXES, reference).find((row) => row.name === "mean");
    expect(mean).toMatchObject({ deltaX: "Δ +2", deltaY: "" });
  });

  it("are copied with tabs", () => {
    const lines = resultsAsText(analysis(GOOD, GOOD), PIXEL_AXES, null).split("\n");
    expect(lines).toContain("\tx (px)\ty (px)");
    expect(lines).toContain("mean\t31.235 ± 0.012\t31.235 ± 0.012");
    expect(lines).toContain("amplitude\t2000 ± 22\t2000 ± 22\tcounts");
    expect(lines).toContain("pulse\t99");
  });

  it("say what centre of mass and rms are", () => {
    expect(resultsAsText(analysis(GOOD, GOOD), PIXEL_AXES, null, "facility")).toContain("as the facility's server");
    expect(definitionText("none")).toContain("raw profile");
    const without = {
      ...projection(BAD),
      offset: { value: 5, fitted: false },
      moments: { com: 1, rms: 2, fwhm: 900, extrapolated: true },
    };
    const both = {
      ...analysis(GOOD, GOOD),
      projections: { region: [0, 0, 2, 2] as [number, number, number, number], x: projection(GOOD), y: without },
    };
    expect(failures(both).join()).toMatch(/y: there is no peak,y: Without a fit .*,y: .* FWHM is extrapolated/);
    expect(cells(both, "offset taken off")).toEqual(["–", "5"]);
    expect(resultRows(both, PIXEL_AXES, null).find(({ name }) => name === "offset taken off")?.unit).toBe("counts");
  });

  it("have micrometres written with their sign", () => {
    const um = { kind: "linear", origin: 0, step: 2, unit: "um" } as const;
    expect(resultsAsText(analysis(GOOD, GOOD), { x: um, y: um }, null)).toContain("\tx (µm)\ty (µm)");
  });
});
