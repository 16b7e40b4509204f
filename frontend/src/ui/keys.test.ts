import { describe, expect, it } from "vitest";
import { keyName, Keys, type KeyBinding } from "./keys";

function pressed(key: string, ...modifiers: string[]): string | null {
  return keyName({
    key,
    shiftKey: modifiers.includes("shift"),
    ctrlKey: modifiers.includes("control"),
    altKey: modifiers.includes("alt"),
    metaKey: modifiers.includes("meta"),
    getModifierState: (name) => modifiers.includes(name),
  });
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
