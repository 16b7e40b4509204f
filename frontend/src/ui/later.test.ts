import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LatePart } from "./later";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { setTimeout });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a part that is loaded later", () => {
  it("is loaded once, however often it is asked for", async () => {
    const load = vi.fn(async () => "part");
    const loaded: string[] = [];
    const part = new LatePart(
      load,
      (what) => void loaded.push(what),
      () => undefined,
    );
    for (let at = 0; at < 5; at++) part.ask();
    expect(load).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    part.ask();
    await vi.advanceTimersByTimeAsync(1000);
    expect(load).toHaveBeenCalledTimes(1);
    expect(loaded).toEqual(["part"]);
  });

  it("is asked for again when that failed, which is said once", async () => {
    let away = 7;
    const loaded: string[] = [];
    const failing = vi.fn();
    const part = new LatePart(
      async () => {
        if (away-- > 0) throw new Error("away");
        return "part";
      },
      (what) => void loaded.push(what),
      failing,
    );
    for (let at = 0; at < 8; at++) {
      expect(loaded).toEqual([]);
      part.ask();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(loaded).toEqual(["part"]);
    expect(failing).toHaveBeenCalledTimes(1);
  });

  it("is used at once when it is there, else for what was wanted last", async () => {
    const used: string[] = [];
    const part = new LatePart(
      async () => "part",
      (module) => {
        used.push("loaded");
        return module;
      },
      () => undefined,
    );
    part.use((what) => void used.push(`${what} first`));
    part.use((what) => void used.push(`${what} last`));
    expect(part.part).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    part.use((what) => void used.push(`${what} now`));
    expect(used).toEqual(["loaded", "part last", "part now"]);
    expect(part.part).toBe("part");
  });
});
