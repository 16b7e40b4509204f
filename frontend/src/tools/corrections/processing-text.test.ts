import { describe, expect, it } from "vitest";
import type { ProcessingState } from "../../contract";
import { NO_PROCESSING } from "../../ui/analysis/analysis-model";
import { averageText, backgroundText, processingBadges } from "./processing-text";

const SINCE = new Date(2026, 3, 1, 14, 3, 12).getTime();

function background(change: Partial<ProcessingState["background"]>): ProcessingState {
  return {
    ...NO_PROCESSING,
    background: { state: "on", taken: 10, frames: 10, since: SINCE, pulseId: 77n, reason: null, ...change },
  };
}

describe("the signs on the picture", () => {
  it("are none for what the source sent", () => {
    expect(processingBadges(NO_PROCESSING)).toEqual([]);
    expect(processingBadges(background({ state: "off" }))).toEqual([]);
  });

  it("tell all that is done", () => {
    const state: ProcessingState = {
      ...background({}),
      threshold: 5,
      average: { mode: "running", frames: 10, taken: 10 },
    };
    expect(processingBadges(state).map(({ text }) => text)).toEqual([
      "background subtracted, since 14:03:12",
      "mean of 10 frames",
      "below 5 set to 0",
    ]);
  });

  it("claim nothing that is not done", () => {
    const state: ProcessingState = { ...background({}), threshold: 5, waiting: "a preview is shown" };
    expect(processingBadges(state)).toEqual([{ text: "raw picture: a preview is shown", warning: true }]);
  });

  it("warn of a background that is gone", () => {
    expect(processingBadges(background({ state: "dropped", reason: "the size changed" }))).toEqual([
      { text: "background dropped: the size changed", warning: true },
    ]);
  });
});

describe("words", () => {
  it("count frames", () => {
    const of = (mode: "running" | "accumulate", taken: number): string =>
      averageText({ ...NO_PROCESSING, average: { mode, frames: 10, taken } });
    expect(of("running", 1)).toBe("mean of 1 frame, 10 wanted");
    expect(of("running", 10)).toBe("mean of 10 frames");
    expect(of("accumulate", 1234)).toBe("mean of 1234 frames, accumulating");
    expect(averageText(NO_PROCESSING)).toBe("");
  });

  it("tell the state of the background", () => {
    expect(backgroundText(NO_PROCESSING)).toContain("No background");
    expect(backgroundText(background({ state: "taking", taken: 3 }))).toContain("3 of 10");
    expect(backgroundText(background({}))).toBe("Subtracted: mean of 10 frames, taken at 14:03:12, last pulse 77.");
    expect(backgroundText(background({ state: "off" }))).toContain("Not subtracted");
    expect(backgroundText(background({ state: "dropped", reason: "the size changed" }))).toContain("the size changed");
  });
});
