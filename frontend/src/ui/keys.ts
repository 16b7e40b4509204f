/** Keys that work wherever no field has the focus. */

import { byId } from "./dom";

export interface KeyActions {
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  oneToOne(): void;
  /** parts of the stage */
  pan(x: number, y: number): void;
  movePixel(rows: number, columns: number): void;
  togglePixel(): void;
  pause(): void;
  auto(): void;
  fix(): void;
  togglePanel(): void;
  save(): void;
  filter(): void;
  help(): void;
}

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The picture moves by this part of the stage. */
const STEP = 0.1;

export function listenToKeys(actions: KeyActions): void {
  const plain: Record<string, () => void> = {
    "+": actions.zoomIn,
    "=": actions.zoomIn,
    "-": actions.zoomOut,
    "0": actions.fit,
    f: actions.fit,
    "1": actions.oneToOne,
    c: actions.togglePixel,
    p: actions.pause,
    a: actions.auto,
    x: actions.fix,
    t: actions.togglePanel,
    s: actions.save,
    "/": actions.filter,
    "?": actions.help,
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || takesKeys(event.target)) return;
    // A key that is held down must not pause and resume in turns; on a control the space bar is that control's.
    const pauses = event.key === "p" || event.key === " ";
    if (pauses && (event.repeat || (event.key === " " && !onPicture(event.target)))) return;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      if (!onPicture(event.target)) return;
      const [x, y] = arrow;
      if (event.shiftKey) actions.movePixel(y, x);
      else actions.pan(-x * STEP, -y * STEP);
    } else {
      const action = event.key === " " ? actions.pause : plain[event.key];
      if (action === undefined) return;
      action();
    }
    event.preventDefault();
  });
}

/** Links to the regions of the page move the focus only: the fragment of the URL is the view's memory. */
export function listenToSkipLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a.skip")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      byId(link.hash.slice(1)).focus();
    });
  }
}

function takesKeys(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("input, select, textarea, dialog[open], [contenteditable]") !== null
  );
}

/** Arrows belong to the picture while nothing else has the focus. */
function onPicture(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest("#stage") !== null);
}
