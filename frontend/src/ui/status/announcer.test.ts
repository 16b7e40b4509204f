import { describe, expect, it } from "vitest";
import type { Shown } from "../../contract";
import { documentTitle, pictureLabel } from "./announcer";
import { NOW, playing, quietFor } from "./veil-fixtures";
import { veilState } from "./veil-state";

describe("the document's title", () => {
  it("begins with the state, which a narrow tab still shows", () => {
    expect(documentTitle(null, 10, "tcp://host:8888", NOW)).toBe("● 10.0 fps – tcp://host:8888");
    expect(documentTitle(veilState(quietFor(12_300)), 10, "tcp://host:8888", NOW)).toBe(
      "silent 12 s – tcp://host:8888",
    );
  });

  it("claims no rate in a hidden tab", () => {
    expect(documentTitle(veilState(playing()), null, "tcp://host:8888", NOW)).toBe("○ tcp://host:8888");
  });

  it("says that the picture is held, and since when", () => {
    expect(documentTitle(null, 0, "tcp://host:8888", NOW, NOW - 65_000)).toBe("❚❚ paused 1 min 05 s – tcp://host:8888");
    const silent = documentTitle(veilState(quietFor(12_300)), 0, "tcp://host:8888", NOW, NOW - 5000);
    expect(silent).toBe("silent 12 s, paused 5 s – tcp://host:8888");
  });

  it("has a name before the server was reached", () => {
    expect(documentTitle(null, 0, null, NOW)).toContain("Stream online viewer");
  });
});

describe("the picture's label", () => {
  const shown = {
    channel: "image",
    shape: [240, 320],
    of: [480, 640],
    choice: "exact",
    curve: null,
    pulse: { pulseId: 42n },
    range: [0, 4095.5],
  } as unknown as Shown;

  it("says channel, size, pulse and range", () => {
    expect(pictureLabel(shown, null)).toBe("Image image, 480 × 640, pulse 42, values from 0 to 4095.5");
  });

  it("says that it is a preview, and that it is held", () => {
    const preview = { ...shown, choice: "preview", binning: 2 } as Shown;
    expect(pictureLabel(preview, null, true)).toBe(
      "Image image, 480 × 640, pulse 42, values from 0 to 4095.5, preview 1:2, paused",
    );
  });

  it("says that a picture is not live", () => {
    expect(pictureLabel(shown, veilState(quietFor(5000)))).toContain("not live: Stream silent");
    expect(pictureLabel(null, null)).toBe("No picture yet");
  });
});
