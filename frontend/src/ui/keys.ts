/** Keys that work wherever no field has the focus: a register, which the help is made from. */

import { byId } from "./dom";

/** Parts of the help, in this order. */
export type KeyGroup = "Picture" | "Tools and marks" | "Colours" | "Analysis" | "Page";

export interface KeyBinding {
  /**
   * As `keyName` gives them: "z", "Shift+Z", "Ctrl+z", "?", "ArrowLeft", "Shift+ArrowLeft", " ". Several bindings may
   * have the same key: who came last is asked first.
   */
  keys: readonly string[];
  group: KeyGroup;
  /** what it does, for the help; null: it is not listed */
  text: string | null;
  /** as the help shows the keys, where that is shorter than all of them */
  label?: readonly string[];
  /** false: that key meant nothing here, and goes on to whom it means something */
  action(key: string): boolean | void;
  /** the key is also meant for other controls: only while the picture or nothing has the focus */
  onPicture?: boolean;
  /** it does more while it is held down */
  repeats?: boolean;
}

type Pressed = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey" | "getModifierState">;

/**
 * Name of a key with its modifiers; null for what belongs to the browser. Shift counts with letters and named keys;
 * other signs are what they are, however a keyboard makes them (with AltGr, say).
 */
export function keyName(event: Pressed): string | null {
  const { key } = event;
  const composed = event.getModifierState("AltGraph");
  if (!composed && event.altKey) return null;
  const control = !composed && (event.ctrlKey || event.metaKey);
  const letter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const shift = event.shiftKey && (letter || key.length > 1);
  const name = !letter ? key : shift ? key.toUpperCase() : key.toLowerCase();
  return `${control ? "Ctrl+" : ""}${shift ? "Shift+" : ""}${name}`;
}

export class Keys {
  private readonly list: KeyBinding[] = [];

  add(...bindings: KeyBinding[]): void {
    this.list.push(...bindings);
  }

  /** What the help lists. */
  get bindings(): readonly KeyBinding[] {
    return this.list;
  }

  listen(): void {
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || takesKeys(event.target)) return;
      const name = keyName(event);
      if (name !== null && this.press(name, event.repeat, onPicture(event.target))) event.preventDefault();
    });
  }

  /** A key was pressed; true: it meant something. */
  press(name: string, repeated: boolean, picture: boolean): boolean {
    for (let at = this.list.length - 1; at >= 0; at -= 1) {
      const binding = this.list[at];
      if (binding === undefined || !binding.keys.includes(name) || (binding.onPicture === true && !picture)) continue;
      // A key that is held down must not pause and resume in turns.
      if (repeated && binding.repeats !== true) return true;
      if (binding.action(name) !== false) return true;
    }
    return false;
  }
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
