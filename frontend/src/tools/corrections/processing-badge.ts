/** The signs over a picture that is not as the source sent it. */

import type { ProcessingState } from "../../contract";
import { el, setAttribute, setText } from "../../ui/dom";
import { processingBadges } from "./processing-text";

export class ProcessingBadge {
  readonly element = el("ul", {
    class: "processing-badges",
    "aria-label": "What was done with the picture",
    "data-testid": "processing-badges",
  });

  update(state: ProcessingState, hasPicture: boolean): void {
    const badges = hasPicture ? processingBadges(state) : [];
    const { element } = this;
    while (element.childElementCount > badges.length) element.lastElementChild?.remove();
    while (element.childElementCount < badges.length) element.append(el("li", { class: "processing-badge" }));
    badges.forEach(({ text, warning }, index) => {
      const item = element.children[index]!;
      setText(item, text);
      setAttribute(item, "data-warning", warning);
    });
    element.hidden = badges.length === 0;
  }
}
