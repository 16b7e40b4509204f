import { describe, expect, it } from "vitest";
import { AUTO_LEVELS } from "../../defaults";
import { AutoMemory, fixedLevels, isLevelsMode, isLevelsOf, LEVELS_MODES, modeOf } from "./levels-mode";

describe("the ways to find levels", () => {
  it("are one choice", () => {
    expect(modeOf(AUTO_LEVELS)).toBe("steady");
    expect(modeOf({ mode: "full" })).toBe("full");
    expect(modeOf({ mode: "manual", low: 0, high: 1 })).toBe("manual");
    expect(LEVELS_MODES.every(([mode]) => isLevelsMode(mode))).toBe(true);
    expect([isLevelsMode("auto"), isLevelsMode("constructor"), isLevelsOf("toString"), isLevelsOf("roi")]).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("keep their numbers while levels are set in another way", () => {
    const memory = new AutoMemory();
    memory.note({ mode: "auto", rule: "percentile", percentiles: [5, 90], sigmas: 2, of: "visible" });
    memory.note({ mode: "full" });
    expect(memory.levelsFor("sigma", null)).toEqual({
      mode: "auto",
      rule: "sigma",
      percentiles: [5, 90],
      sigmas: 2,
      of: "visible",
    });
  });

  it("begin with the present levels where they are manual", () => {
    const memory = new AutoMemory();
    expect(memory.levelsFor("manual", null)).toBeNull();
    expect(memory.levelsFor("manual", [3, 9])).toEqual({ mode: "manual", low: 3, high: 9 });
    expect(fixedLevels([5, 5])).toEqual({ mode: "manual", low: 5, high: 5 + 5e-6 });
    expect(fixedLevels([0, 0])).toEqual({ mode: "manual", low: 0, high: 1 });
  });
});
