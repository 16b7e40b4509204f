/**
 * Whose a key is, and where the focus goes. The picture is what the keys are for: whoever used another control with the
 * mouse or a finger has the focus back on the picture, so that arrows move it and Space pauses it. Who walks through the
 * page with Tab keeps the place, and Escape leads to the picture from everywhere.
 */

import { byId } from "./dom";

/** Fields that a person types into: all keys are theirs. */
const TYPED_INTO =
  "textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=color], [type=range])";
/** What is open above the page keeps the focus until it is closed. */
const OPEN = "dialog[open], details[open] > .menu-body, .disclosed:not([hidden]), .popover:not([hidden])";
/** What gives the focus back after it was pressed: not links, which lead away, nor what has keys of its own. */
const PRESSED = "button:not([data-own-keys]), summary, input";
/** Keys of a list that is closed. Letters are not among them: they mean what they mean on the page. */
const KEYS_OF_LISTS = new Set([
  "ArrowUp",
  "ArrowDown",
  "ArrowLeft",
  "ArrowRight",
  "Home",
  "End",
  "PageUp",
  "PageDown",
  " ",
  "Enter",
  "Escape",
  "F4",
]);

/** Whether a control keeps a key for itself; `name`: as `keyNames` gives it. */
export function swallows(target: EventTarget | null, name: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(`dialog[open], ${TYPED_INTO}`) !== null) return true;
  return target.closest("select") !== null && KEYS_OF_LISTS.has(name.replace(/^(Ctrl\+)?(Shift\+)?/, ""));
}

/** Arrows belong to the picture while nothing else has the focus. */
export function onPicture(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest("#stage") !== null);
}

/** How a person came to the control that is used: with mouse or finger, or from control to control with keys. */
let came: "pointer" | "keys" | null = null;
/** the list in which a person goes from entry to entry with keys */
let stepping: EventTarget | null = null;
/** what had the focus last on the page itself, and not in something open above it */
let home: EventTarget | null = null;

/** The focus goes to the picture. */
function focusPicture(): void {
  byId("stage").focus({ preventScroll: true });
}

/** Something that was open above the page is closed: the focus goes to what opened it, or to the picture (see above). */
export function closed(opener: HTMLElement): void {
  if (came === "pointer" || home === null || onPicture(home)) focusPicture();
  else opener.focus();
}

/** Watches the whole page. */
export function keepFocus(): void {
  document.addEventListener("pointerdown", pressed, { capture: true });
  document.addEventListener("keydown", walked, { capture: true });
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element && target.closest(OPEN) === null) home = target;
  });
  document.addEventListener("change", ({ target }) => {
    const chosen = target instanceof HTMLSelectElement && target !== stepping;
    const coloured = target instanceof HTMLInputElement && target.type === "color";
    if (chosen || coloured) giveBack(target);
  });
  document.addEventListener("click", ({ target, detail }) => {
    const control = target instanceof Element ? target.closest<HTMLElement>(PRESSED) : null;
    // Keys click without a count. A picker of colours is open now.
    if (control === null || detail === 0 || control.matches(`${TYPED_INTO}, [type=color]`)) return;
    if (!opens(control)) giveBack(control);
  });
  document.addEventListener("keydown", leave);
}

function pressed(): void {
  came = "pointer";
  stepping = null;
}

function walked({ key, altKey, target }: KeyboardEvent): void {
  const arrow = /^(Arrow|Page|Home|End)/.test(key);
  // With Alt, or Space, a list opens: what is chosen then is chosen at once.
  stepping = target instanceof HTMLSelectElement && arrow && !altKey ? target : null;
  if (key === "Tab" || (arrow && !onPicture(target) && stepping === null)) came = "keys";
}

/** Escape anywhere, and Enter in a list or a field that took what was typed, lead to the picture. */
function leave(event: KeyboardEvent): void {
  const { key, target } = event;
  if ((key !== "Enter" && key !== "Escape") || event.isComposing || !(target instanceof HTMLElement)) return;
  if (onPicture(target) || target.closest(OPEN) !== null) return;
  const field = target.matches(TYPED_INTO);
  if (key === "Enter") {
    if (event.defaultPrevented || target.matches("textarea") || !(field || target.matches("select"))) return;
    if (field && came === "keys") return;
  } else if (event.defaultPrevented && !field) return;
  // By then a field has taken it or said what is wrong, or somebody has given the focus to another control.
  window.setTimeout(() => {
    if (target.getAttribute("aria-invalid") !== "true") giveBack(target);
  });
}

/** The focus goes back to the picture, unless somebody gave it to another control. */
function giveBack(control: HTMLElement): void {
  const { activeElement } = document;
  if (activeElement !== null && activeElement !== document.body && activeElement !== control) return;
  if (control.closest(OPEN) === null && document.querySelector("dialog[open]") === null) focusPicture();
}

/** Whether a control has opened something that is used next. */
function opens(control: HTMLElement): boolean {
  // The browser opens it after the click.
  if (control.tagName === "SUMMARY") return control.parentElement?.hasAttribute("open") === false;
  const opened = control.getAttribute("aria-expanded") === "true" ? control.getAttribute("aria-controls") : null;
  return opened !== null && document.getElementById(opened)?.matches(".disclosed, .popover") === true;
}
