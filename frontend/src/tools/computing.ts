/** The mathematics of the tools, for the analysis worker: loaded when a tool is switched on. */

import type { NumberArray } from "../analysis/statistics";
import type { AnalysisWish, Axis, Sample } from "../contract";
import { type Examination, type Found, holds, type Pixels, type Sums } from "./examination";
import { WAITING_FOR_ALL, whyNoPixels } from "./missing";
import type { ToolName, ToolResults } from "./results";

/** A whole image with exact pixels; a tool is never given less. */
export interface ToolSample {
  /** as they are drawn, row by row; `sent`: as they were sent, where they were processed */
  pixels: NumberArray;
  sent: NumberArray;
  columns: number;
  rows: number;
  axes: { x: Axis; y: Axis };
  /** value from which on pixels of `sent` are saturated; null: not known */
  saturation: number | null;
}

export type Computations = { [Name in ToolName]: (sample: ToolSample) => ToolResults[Name] };

type Loaders = { readonly [Name in ToolName]: () => Promise<Computations[Name]> };

const LOADERS: Loaders = {
  beam: () => import("./beam/compute/beam-compute").then(({ computeBeam }) => computeBeam),
};

/** What was loaded of the tools, and what of them is wanted. */
export class ToolBench implements Examination {
  private readonly loaders: Loaders;
  private readonly loaded: Partial<Computations> = {};

  constructor(loaders: Loaders = LOADERS) {
    this.loaders = loaders;
  }

  /** Whether all of these can compute. */
  has(names: readonly ToolName[]): boolean {
    return names.every((name) => this.loaded[name] !== undefined);
  }

  /** Loads what is missing of these; rejected if one cannot be loaded now. */
  async load(names: readonly ToolName[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        this.loaded[name] ??= await this.loaders[name]();
      }),
    );
  }

  ofPixels({ numbers, sent, place }: Pixels, { saturation }: Sample, { tools, axes }: AnalysisWish): Found {
    if (tools.length === 0) return {};
    const { columns, rows } = place;
    if (!holds(place, [0, 0, columns, rows])) return { missing: WAITING_FOR_ALL };
    return { results: { tools: this.compute(tools, { pixels: numbers, sent, columns, rows, axes, saturation }) } };
  }

  ofPreview(_sums: Sums, { format }: Sample, { tools }: AnalysisWish): Found {
    return tools.length > 0 ? { missing: whyNoPixels(format) } : {};
  }

  /** The results of those of these that are loaded. */
  private compute(names: readonly ToolName[], sample: ToolSample): Partial<ToolResults> {
    const found: Partial<ToolResults> = {};
    for (const name of names) {
      const compute = this.loaded[name];
      if (compute !== undefined) found[name] = compute(sample);
    }
    return found;
  }
}
