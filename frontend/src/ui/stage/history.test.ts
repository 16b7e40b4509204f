import { describe, expect, it } from "vitest";
import { History } from "./history";

describe("steps that are taken back", () => {
  it("come back one by one, and are done again", () => {
    const history = new History<string>();
    history.record("a", null);
    history.record("b", null);
    expect(history.undo("c")).toBe("b");
    expect(history.undo("b")).toBe("a");
    expect(history.undo("a")).toBeNull();
    expect(history.redo("a")).toBe("b");
    expect(history.redo("b")).toBe("c");
    expect(history.canRedo).toBe(false);
  });

  it("are one for one gesture", () => {
    const history = new History<number>();
    for (const before of [1, 2, 3]) history.record(before, "drag 1");
    history.record(4, "drag 2");
    expect(history.undo(5)).toBe(4);
    expect(history.undo(4)).toBe(1);
    expect(history.canUndo).toBe(false);
  });

  it("are not done again after another change", () => {
    const history = new History<number>();
    history.record(1, "drag 1");
    expect(history.undo(2)).toBe(1);
    // The same gesture goes on after the key: that is a step again.
    history.record(1, "drag 1");
    expect(history.redo(7)).toBeNull();
    expect(history.undo(7)).toBe(1);
  });

  it("are kept in bounds", () => {
    const history = new History<number>();
    for (let at = 0; at < 1000; at += 1) history.record(at, null);
    let count = 0;
    while (history.undo(-1) !== null) count += 1;
    expect(count).toBe(100);
  });
});
