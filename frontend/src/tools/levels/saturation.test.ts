import { describe, expect, it } from "vitest";
import { grouped, SATURATION_LEVELS, saturationText } from "./saturation";

describe("saturation", () => {
  it("has the levels of cameras", () => {
    expect(SATURATION_LEVELS.map(([level]) => level)).toEqual([255, 1023, 4095, 16383, 65535, 65472, 65520, 65532]);
  });

  it("is told with its level when there is some", () => {
    expect(saturationText({ level: 4095, guessed: true, count: 1234 }, false)).toMatchObject({
      state: "saturated",
      text: "saturated 1,234 (≥ 4095)",
    });
    expect(saturationText({ level: 4095, guessed: true, count: 0 }, false)).toMatchObject({
      state: "none",
      text: "saturated 0",
    });
  });

  it("says where the level is from", () => {
    expect(saturationText({ level: 4095, guessed: true, count: 0 }, false).about).toContain("guessed");
    expect(saturationText({ level: 4000, guessed: false, count: 0 }, false).about).toContain("set here");
  });

  it("is a question where it is not known or not counted", () => {
    expect(saturationText({ level: null, guessed: false, count: null }, false)).toMatchObject({
      state: "unknown",
      text: "saturated ?",
    });
    expect(saturationText({ level: 255, guessed: false, count: null }, false).about).toContain("Not counted");
  });

  it("is none where all pixels were looked at and none is at the end of a scale", () => {
    const none = saturationText({ level: null, guessed: false, count: null }, true);
    expect(none).toMatchObject({ state: "none", text: "saturated 0" });
    expect(none.about).toContain("fewer than three pixels");
  });

  it("groups thousands", () => {
    expect([0, 999, 1000, 1234567].map(grouped)).toEqual(["0", "999", "1,000", "1,234,567"]);
  });
});
