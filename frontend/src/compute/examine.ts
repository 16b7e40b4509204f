import type { AnalysisWish, Sample } from "../contract";
import { needsWide } from "../render/distances";
import type { ToolBench } from "../tools/computing";
import type { Examination, Findings, Found } from "../tools/examination";
import { EXAMINATIONS } from "../tools/examinations";
import { PixelViews } from "./pixel-views";

/** Computes what is wanted of a picture, from pixels as they were sent or what the server made of them. */
export class Examiner {
  private readonly views = new PixelViews();
  private readonly examinations: readonly Examination[];

  constructor(tools: ToolBench) {
    this.examinations = [...EXAMINATIONS.map((make) => make()), tools];
  }

  /** Arrays in the answer are used again for the next one. */
  examine(sample: Sample, wish: AnalysisWish): Findings {
    const { content } = sample;
    switch (content.kind) {
      case "nothing":
        return { ...findings([]), source: content.source, missing: content.why };
      case "sums":
        return { ...findings(this.examinations.map((one) => one.ofPreview(content, sample, wish))), source: "server" };
      case "pixels": {
        const pixels = this.views.of(content);
        const exact = { ...pixels, wide: needsWide(pixels) ? pixels.wide : null };
        const source = content.processed === null ? "pixels" : "processed";
        return { ...findings(this.examinations.map((one) => one.ofPixels(exact, sample, wish))), source };
      }
    }
  }
}

function findings(found: readonly Found[]): Omit<Findings, "source"> {
  const missing = new Set(found.flatMap((one) => one.missing ?? []));
  return {
    histogram: null,
    projections: null,
    rois: [],
    line: null,
    tools: {},
    ...Object.assign({}, ...found.map(({ results }) => results)),
    missing: missing.size === 0 ? null : [...missing].join(" "),
  };
}
