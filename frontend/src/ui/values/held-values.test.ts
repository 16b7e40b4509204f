import { describe, expect, it } from "vitest";
import { HeldValues } from "./held-values";
import type { Entry } from "./value-row";

const entry = (text: string): Entry => ({
  kind: "text",
  text: { text, tone: "number", title: text, dtype: "int32", full: null },
});
const textOf = (held: ReturnType<HeldValues["of"]>): string | null =>
  held?.entry.kind === "text" ? held.entry.text.text : null;

describe("the last value of a channel", () => {
  it("is kept between the pulses with a value, with its pulse and its age", () => {
    const held = new HeldValues();
    held.note("slow", entry("1"), 10n, "110", 1000);
    expect(held.of("slow", 12n, 1200)).toEqual({ entry: entry("1"), pulse: "110", ageMs: 200 });
    expect(held.of("other", 12n, 1200)).toBeNull();
  });

  it("is never newer than the pulse that is looked at", () => {
    const held = new HeldValues();
    held.note("slow", entry("1"), 10n, "110", 1000);
    held.note("slow", entry("2"), 20n, "120", 2000);
    expect(textOf(held.of("slow", 25n, 2100))).toBe("2");
    expect(textOf(held.of("slow", 15n, 2100))).toBe("1");
    expect(held.of("slow", 5n, 2100)).toBeNull();
  });

  it("is given up when three intervals passed, two seconds at least and a minute at most", () => {
    const held = new HeldValues();
    for (let at = 0; at <= 1000; at += 100) held.note("fast", entry("f"), BigInt(at), "1", at);
    expect(held.of("fast", 9000n, 2900)).not.toBeNull();
    expect(held.of("fast", 9000n, 3100)).toBeNull();
    held.note("slow", entry("s"), 1n, "1", 0);
    held.note("slow", entry("s"), 2n, "1", 10_000);
    expect(held.of("slow", 9000n, 39_000)).not.toBeNull();
    expect(held.of("slow", 9000n, 41_000)).toBeNull();
    held.note("once", entry("o"), 1n, "1", 0);
    expect(held.of("once", 9000n, 59_000)).not.toBeNull();
    expect(held.of("once", 9000n, 61_000)).toBeNull();
  });

  it("does not take the same row twice for an interval", () => {
    const held = new HeldValues();
    for (const at of [0, 100, 200]) held.note("slow", entry("1"), 10n, "110", at);
    expect(held.patience("slow")).toBe(60_000);
  });

  it("ends with the server's start, whose sequences begin anew", () => {
    const held = new HeldValues();
    held.startEpoch(1);
    held.note("slow", entry("1"), 10n, "110", 1000);
    held.startEpoch(1);
    expect(held.of("slow", 12n, 1100)).not.toBeNull();
    held.startEpoch(2);
    expect(held.of("slow", 12n, 1100)).toBeNull();
  });
});
