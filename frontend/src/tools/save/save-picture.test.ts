import { describe, expect, it } from "vitest";
import type { Shown } from "../../contract";
import { captionLines } from "./save-picture";

const SHOWN = {
  pulse: { epoch: 1, sequence: 1n, pulseId: 2n ** 60n + 1n, sourceTime: 1_600_000_000_123_456_789n, receiptTime: null },
  channel: "CAM1:FPICTURE",
  sourceDtype: "uint16",
  of: [480, 640],
  levels: [0.5, 4095],
  choice: "exact",
  colour: false,
} as unknown as Shown;

describe("the caption", () => {
  it("says channel, pulse and time with all digits, and the levels", () => {
    const [first, second] = captionLines(SHOWN, "viridis");
    expect(first).toMatch(/^CAM1:FPICTURE {3}pulse 1152921504606846977 {3}2020-09-1\d \d\d:\d\d:40\.123456789/);
    expect(second).toBe("uint16 480 × 640, levels 0.5 … 4095, viridis");
  });

  it("says what is less than exact, and nothing of levels for a colour image", () => {
    expect(captionLines({ ...SHOWN, choice: "preview" }, "gray")[1]).toContain("drawn from a preview");
    expect(captionLines({ ...SHOWN, colour: true }, "gray")[1]).toBe("uint16 480 × 640, colour");
  });

  it("leaves out a time that is not known", () => {
    const pulse = { ...SHOWN.pulse, sourceTime: null };
    expect(captionLines({ ...SHOWN, pulse }, "gray")[0]).toBe("CAM1:FPICTURE   pulse 1152921504606846977");
  });
});
