import { describe, expect, it } from "vitest";
import { keyNames, Keys, type KeyBinding } from "./keys";

/** The name that counts first; `code`: the place of the key. */
function pressed(key: string, ...modifiers: string[]): string | null {
  return names(key, "", ...modifiers)[0] ?? null;
}

function names(key: string, code: string, ...modifiers: string[]): string[] {
  const event = {
    key,
    code,
    shiftKey: modifiers.includes("shift"),
    ctrlKey: modifiers.includes("control"),
    altKey: modifiers.includes("alt"),
    metaKey: modifiers.includes("meta"),
    isComposing: modifiers.includes("composing"),
    getModifierState: (name: string) => modifiers.includes(name),
  };
  return keyNames(event, modifiers.includes("mac"));
}

describe("names of keys", () => {
  it("tell letters with shift from those with caps lock", () => {
    expect(pressed("z")).toBe("z");
    expect(pressed("Z")).toBe("z");
    expect(pressed("Z", "shift")).toBe("Shift+Z");
    expect(pressed("z", "control")).toBe("Ctrl+z");
    expect(pressed("Z", "shift", "meta")).toBe("Ctrl+Shift+Z");
  });

  it("are the sign itself, however it is typed", () => {
    expect(pressed("?", "shift")).toBe("?");
    expect(pressed("/", "shift")).toBe("/");
    // AltGr is Ctrl and Alt on Windows; brackets need it on a Swiss keyboard.
    expect(pressed("[", "control", "alt", "AltGraph")).toBe("[");
  });

  it("leave the browser's own keys alone", () => {
    expect(pressed("ArrowLeft", "alt")).toBeNull();
    expect(pressed("ArrowLeft", "shift")).toBe("Shift+ArrowLeft");
  });

  it("are those of the place where another alphabet stands on the keys", () => {
    expect(names("ф", "KeyA")).toContain("a");
    expect(names("Ф", "KeyA")).toContain("a");
    expect(names("Я", "KeyZ", "shift")).toContain("Shift+Z");
    expect(names("я", "KeyZ", "control")).toContain("Ctrl+z");
    expect(names("π", "KeyP")).toContain("p");
    // On a Greek keyboard there is no letter at this place.
    expect(names(";", "KeyQ")).toEqual([";", "q"]);
    expect(names("ض", "KeyQ", "shift")).toContain("Shift+Q");
    expect(names("х", "BracketLeft")).toContain("[");
    expect(names("à", "Digit0")).toContain("0");
  });

  it("are those of the place with Option on a Mac", () => {
    expect(names("å", "KeyA", "alt", "mac")).toEqual(["a"]);
    expect(names("Å", "KeyA", "alt", "shift", "mac")).toEqual(["Shift+A"]);
    expect(names("Dead", "KeyN", "alt", "mac")).toEqual(["n"]);
    expect(names("π", "KeyP", "alt", "mac")).toContain("p");
    // Brackets of a Swiss keyboard.
    expect(names("[", "Digit5", "alt", "mac")[0]).toBe("[");
    expect(names("a", "KeyA", "alt", "control", "mac")).toEqual([]);
  });

  it("go by what stands on the key first", () => {
    // A French and a German keyboard.
    expect(names("a", "KeyQ")).toEqual(["a"]);
    expect(names("z", "KeyY")).toEqual(["z"]);
    expect(names(",", "KeyM")[0]).toBe(",");
    expect(names("-", "Digit6")[0]).toBe("-");
    expect(names("+", "Digit1", "shift")).toEqual(["+"]);
    expect(names("ü", "BracketLeft")).toEqual(["ü"]);
  });

  it("are no letters with AltGr or the menu's Alt, and nothing while a word is composed", () => {
    expect(names("æ", "KeyA", "AltGraph")).toEqual([]);
    expect(names("a", "KeyA", "AltGraph")).toEqual([]);
    expect(names("@", "KeyQ", "AltGraph")).toEqual(["@"]);
    expect(names("Dead", "KeyN", "AltGraph")).toEqual([]);
    expect(names("a", "KeyA", "alt")).toEqual([]);
    expect(names("ф", "KeyA", "alt")).toEqual([]);
    expect(names("a", "KeyA", "composing")).toEqual([]);
  });
});

describe("the register of keys", () => {
  const binding = (over: Partial<KeyBinding> & Pick<KeyBinding, "keys" | "action">): KeyBinding => ({
    group: "Page",
    text: "test",
    ...over,
  });

  it("asks who came last, and the others if that one has no use for the key", () => {
    const keys = new Keys();
    const heard: string[] = [];
    let busy = true;
    keys.add(binding({ keys: ["Escape"], action: () => void heard.push("first") }));
    keys.add(
      binding({
        keys: ["Escape"],
        action: () => {
          heard.push("last");
          return busy;
        },
      }),
    );
    expect(keys.press("Escape", false, true)).toBe(true);
    busy = false;
    expect(keys.press("Escape", false, true)).toBe(true);
    expect(heard).toEqual(["last", "last", "first"]);
    expect(keys.press("y", false, true)).toBe(false);
  });

  it("repeats only what may be repeated, and keeps keys of controls to the picture", () => {
    const keys = new Keys();
    let zooms = 0;
    let pauses = 0;
    keys.add(binding({ keys: ["+"], repeats: true, action: () => void (zooms += 1) }));
    keys.add(binding({ keys: [" "], onPicture: true, action: () => void (pauses += 1) }));
    for (const repeated of [false, true, true]) {
      keys.press("+", repeated, false);
      keys.press(" ", repeated, true);
    }
    expect(keys.press(" ", false, false)).toBe(false);
    expect([zooms, pauses]).toEqual([3, 1]);
  });
});
