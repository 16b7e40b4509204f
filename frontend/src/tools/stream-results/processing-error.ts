/** The bar at the top of a picture that its source could not process: the picture is black then, and nobody must believe it. */

import { el, setText } from "../../ui/dom";
import { icon } from "../../ui/icons";
import type { Parameters } from "./pipeline-parameters";
import { problemOf } from "./pipeline-text";

export class ProcessingError {
  private readonly title = el("strong");
  private readonly text = el("span", { class: "processing-error-text", "data-testid": "processing-error-text" });
  readonly element = el(
    "p",
    { class: "processing-error", role: "alert", "data-testid": "processing-error", hidden: true },
    icon("warning"),
    this.title,
    this.text,
  );

  /** What the source says of the picture on screen; null: nothing. The bar goes with the first picture that is good. */
  update(parameters: Parameters | null): void {
    const problem = problemOf(parameters);
    this.element.hidden = problem === null;
    setText(this.title, problem?.title ?? "");
    setText(this.text, problem?.text ?? "");
  }
}
