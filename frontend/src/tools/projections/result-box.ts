/** The essentials of the projections in a corner of the picture, while the panel does not show them. */

import { axisUnit } from "../../analysis/axis";
import type { AnalysisModel } from "../../ui/analysis/analysis-model";
import { el, setText } from "../../ui/dom";
import { essentials } from "./projection-results";

export class ResultBox {
  private readonly x = el("span");
  private readonly y = el("span");
  readonly element = el(
    "p",
    { class: "result-box", "data-testid": "result-box", hidden: true },
    el("b", {}, "x"),
    this.x,
    el("b", {}, "y"),
    this.y,
  );

  update({ analysis, axes }: AnalysisModel, wanted: boolean): void {
    const projections = wanted ? (analysis?.projections ?? null) : null;
    this.element.hidden = projections === null;
    if (projections === null) return;
    setText(this.x, essentials(projections.x, axisUnit(axes.x)));
    setText(this.y, essentials(projections.y, axisUnit(axes.y)));
  }
}
