/** Says over the picture that what was computed is of one that was there some time before it. */

import type { Analysis, Shown } from "../../contract";
import { el, setText } from "../dom";

/** Ten results a second come usually; half a second is not noticed. */
const NOTICED_MS = 1000;

export class LagBadge {
  readonly element = el("p", {
    class: "processing-badge",
    "data-warning": true,
    "data-testid": "analysis-lag",
    hidden: true,
  });

  update(shown: Shown | null, analysis: Analysis | null): void {
    const text = lagText(shown, analysis);
    this.element.hidden = text === "";
    if (text !== "") setText(this.element, text);
  }
}

/** "" where nobody notices it; the histogram alone is never said to be late. */
export function lagText(
  shown: Pick<Shown, "drawnAt"> | null,
  analysis: Pick<Analysis, "drawnAt" | "projections" | "rois" | "line"> | null,
): string {
  if (shown === null || analysis === null) return "";
  const numbers = analysis.projections !== null || analysis.rois.length > 0 || analysis.line !== null;
  const ms = shown.drawnAt - analysis.drawnAt;
  return numbers && ms >= NOTICED_MS ? `Analysis ${Math.round(ms / 1000)} s behind the picture` : "";
}
