/** Keys that work wherever no field has the focus: a register, which the help is made from. */

import { byId } from "./dom";
import { onPicture, swallows } from "./focus";

/** Parts of the help, in this order. */
export type KeyGroup = "Picture" | "Tools and marks" | "Colours" | "Analysis" | "Page";

export interface KeyBinding {
  /**
   * As `keyNames` gives them: "z", "Shift+Z", "Ctrl+z", "?", "ArrowLeft", "Shift+ArrowLeft", " ". Several bindings may
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

type Pressed = Pick<
  KeyboardEvent,
  "key" | "code" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey" | "isComposing" | "getModifierState"
>;

/** Signs of a keyboard with Latin letters, where another alphabet has letters. */
const SIGNS: Record<string, string> = {
  BracketLeft: "[",
  BracketRight: "]",
  Comma: ",",
  Period: ".",
  Slash: "/",
  Minus: "-",
  Equal: "=",
};

/**
 * Names of a key with its modifiers, the one to be tried first at first; none for what belongs to the browser. Shift
 * counts with letters and named keys; other signs are what they are, however a keyboard makes them (with AltGr, say).
 *
 * What stands on the key counts first. Where that is no Latin letter (another alphabet, the signs that Option makes on a
 * Mac), the place of the key counts. AltGr makes signs, and never stands for a letter.
 */
export function keyNames(event: Pressed, mac = isMac()): string[] {
  const { key, code, shiftKey } = event;
  if (event.isComposing) return [];
  const sign = [...key].length === 1 && !/\p{L}/u.test(key);
  if (event.getModifierState("AltGraph")) return sign ? [key] : [];
  const letter = /^[a-z]$/i.test(key);
  const named = key.length > 1 && key !== "Dead" && !/^\P{ASCII}/u.test(key);
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  const byCode = letter || named ? null : nameOfCode(code, shiftKey, isOtherAlphabet(key));
  if (event.altKey) {
    // Alt and a key as it is written are the menus of a browser; on a Mac, Option makes another sign of it.
    const written = letter || named || (sign && /[ -~]/.test(key));
    if (control !== "" || (!mac && (written || isOtherAlphabet(key)))) return [];
    return [...(sign && mac ? [key] : []), ...(byCode === null ? [] : [byCode])];
  }
  const shift = shiftKey && (letter || named) ? "Shift+" : "";
  const name = letter ? (shift === "" ? key.toLowerCase() : key.toUpperCase()) : key;
  return [`${shift}${name}`, ...(byCode === null ? [] : [byCode])].map((one) => `${control}${one}`);
}

/** The letter or digit at this place of a keyboard; signs only where another alphabet has letters there. */
function nameOfCode(code: string, shift: boolean, otherAlphabet: boolean): string | null {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shift ? `Shift+${letter}` : letter.toLowerCase();
  if (shift) return null;
  return /^Digit(\d)$/.exec(code)?.[1] ?? (otherAlphabet ? (SIGNS[code] ?? null) : null);
}

/** A letter that is not Latin: Greek, Cyrillic, Hebrew, ... */
function isOtherAlphabet(key: string): boolean {
  return /^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key);
}

function isMac(): boolean {
  return /^(Mac|iP)/.test(navigator.platform);
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
      const { target } = event;
      if (event.defaultPrevented) return;
      const picture = onPicture(target);
      const meant = keyNames(event).some((name) => !swallows(target, name) && this.press(name, event.repeat, picture));
      if (meant) event.preventDefault();
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
