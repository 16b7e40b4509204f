/** A `details` element as a menu of a desktop. */

import { closed } from "./focus";

/** What can have the focus in a menu; hidden and disabled ones are left out below. */
const ITEMS = "button, a, select, input";
/** So far an open menu keeps from the edge of the window, CSS pixels. */
const EDGE = 8;

/**
 * Lets the arrow keys, Home and End go through the entries of a menu, Escape close it, and a press or a focus elsewhere
 * close it too. Fields keep their own keys.
 */
export function asMenu(menu: HTMLDetailsElement): void {
  const summary = menu.querySelector("summary");
  const items = (): HTMLElement[] =>
    [...menu.querySelectorAll<HTMLElement>(`.menu-body :is(${ITEMS})`)].filter(
      (item) => !item.matches(":disabled") && item.offsetParent !== null,
    );
  menu.addEventListener("toggle", () => {
    if (menu.open) keepInside(menu.querySelector<HTMLElement>(".menu-body"));
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      if (summary !== null) closed(summary);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const to = next(event.key, items(), event.target);
    if (to === null || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    menu.open = true;
    // Entries of a closed menu were not there before.
    (to ?? next(event.key, items(), event.target))?.focus();
  });

  /** Null: the key means nothing here; undefined: there is no entry yet. */
  function next(key: string, list: HTMLElement[], target: EventTarget | null): HTMLElement | undefined | null {
    if (target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== "checkbox"))
      return null;
    if (target === summary && key !== "ArrowDown" && key !== "ArrowUp") return null;
    const at = list.findIndex((item) => item === target);
    switch (key) {
      case "ArrowDown":
        return list[(at + 1) % list.length];
      case "ArrowUp":
        return list.at(at <= 0 ? -1 : at - 1);
      case "Home":
        return list[0];
      case "End":
        return list.at(-1);
      default:
        return null;
    }
  }
}

/** Moves what has opened to where all of it is seen; what is too high for the window is scrolled. */
function keepInside(body: HTMLElement | null): void {
  if (body === null) return;
  body.style.translate = "";
  const { left, right, top } = body.getBoundingClientRect();
  const by = left < EDGE ? EDGE - left : Math.min(0, innerWidth - EDGE - right);
  body.style.translate = `${by}px 0`;
  body.style.maxHeight = `${innerHeight - EDGE - top}px`;
}
