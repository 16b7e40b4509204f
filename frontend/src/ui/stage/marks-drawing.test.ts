import { describe, expect, it } from "vitest";
import { isNarrow, isOn, labelPlace } from "./marks-drawing";

const STAGE = { width: 400, height: 300 };
const LABEL = { width: 100, height: 30 };

describe("labels", () => {
  it("lie right below their point", () => {
    expect(labelPlace({ x: 50, y: 60 }, LABEL, STAGE)).toEqual({ x: 60, y: 70 });
  });

  it("go to the other side where the stage ends", () => {
    expect(labelPlace({ x: 350, y: 290 }, LABEL, STAGE)).toEqual({ x: 240, y: 250 });
  });

  it("stay on the stage", () => {
    expect(labelPlace({ x: 50, y: 10 }, { width: 380, height: 295 }, STAGE)).toEqual({ x: 0, y: 0 });
    expect(labelPlace({ x: -500, y: 60 }, LABEL, STAGE).x).toBe(0);
  });

  it("are short on a small stage, and only at points that are seen", () => {
    expect([isNarrow(STAGE), isNarrow({ width: 800, height: 300 })]).toEqual([true, false]);
    expect([isOn({ x: 0, y: 300 }, STAGE), isOn({ x: -1, y: 5 }, STAGE)]).toEqual([true, false]);
  });
});
