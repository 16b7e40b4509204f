import { describe, expect, it } from "vitest";
import type { Shown } from "../../contract";
import { choiceField } from "./choice-text";
import { status } from "./veil-fixtures";

function shown(change: Partial<Shown>): Shown {
  const base = { choice: "exact", bytes: 4_030_000, binning: 1, format: "bslz4", rounded: null, renderer: "webgl2" };
  return { ...base, ...change } as unknown as Shown;
}

function text(change: Partial<Shown>, rate: number | null): string {
  const { value, note } = choiceField(shown(change), null, rate);
  return `${value} ${note}`;
}

describe("what is sent, at a glance", () => {
  it("is a word, what it weighs and how often it comes", () => {
    expect(text({}, 9.2)).toBe("exact 4.0 MB 9.2 fps");
    expect(text({ choice: "crop", bytes: 512_000 }, 25.2)).toBe("crop 512 kB 25 fps");
    expect(text({ choice: "crop", bytes: 38_400 }, 25.2)).toBe("crop 38 kB 25 fps");
    expect(text({ choice: "preview", binning: 2, bytes: 20_000 }, 59.6)).toBe("preview 1:2 60 fps");
    expect(text({ choice: "float32", bytes: 1_040_000 }, 10)).toBe("float32 1.0 MB 10 fps");
    expect(text({ bytes: 11_059_200 }, null)).toBe("exact 11 MB paused");
  });

  it("is marked if it is less than what the source sent", () => {
    const reduced = (["exact", "crop", "float32", "preview"] as const).map(
      (choice) => choiceField(shown({ choice }), null, 1).reduced,
    );
    expect(reduced).toEqual([false, false, true, true]);
  });

  it("has a reason and a way out for every choice of the server, in words", () => {
    for (const why of ["wish", "link", "limit", "start", "zoom", "pause", "encoders"]) {
      const { you } = status({}, { you: { ...status().you, choice: "preview", why } });
      const detail = new Map(choiceField(shown({}), you, 1).detail);
      expect(detail.get("why")?.split(" ").length, why).toBeGreaterThan(3);
      expect(detail.get("what changes it"), why).toMatch(/\.$/);
    }
    const exact = { ...status().you, choice: "exact", why: "wish" };
    expect(new Map(choiceField(shown({}), exact, 1).detail).get("why")).toContain("what it computes needs them");
    const free = new Map(choiceField(shown({}), status().you, 1).detail);
    expect(free.get("why")).toContain("nothing speaks against");
    const later = { ...status().you, why: "a reason of a later server" };
    expect(new Map(choiceField(shown({}), later, 1).detail).get("why")).toBe("a reason of a later server");
  });
});
