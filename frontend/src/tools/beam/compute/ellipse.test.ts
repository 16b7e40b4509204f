import { describe, expect, it } from "vitest";
import { principalOf, shownTilt, spreadOf, tiltOf } from "./ellipse";

/** Moments of light along a line at this angle in degrees, counter-clockwise, rows downwards. */
function lineAt(degrees: number) {
  const [x, y] = [Math.cos((degrees * Math.PI) / 180), -Math.sin((degrees * Math.PI) / 180)];
  return { total: 1, x: 0, y: 0, xx: x * x, xy: x * y, yy: y * y };
}

describe("principal axes", () => {
  it("have the tilt that is seen, above -90 and up to 90 degrees", () => {
    for (let angle = -85; angle <= 90; angle += 5)
      expect(tiltOf(principalOf(lineAt(angle)))).toBeCloseTo(angle === 90 ? 90 : angle, 9);
    expect(Math.abs(tiltOf(principalOf(lineAt(-90))))).toBeCloseTo(90, 9);
  });

  it("are none of light that is dark or overflows", () => {
    const dark = { total: 0, x: 1, y: 1, xx: 1, xy: 1, yy: 1 };
    expect(spreadOf(dark)).toBeNull();
    expect(spreadOf({ ...dark, total: -3 })).toBeNull();
    expect(spreadOf({ ...dark, total: Number.NaN })).toBeNull();
    expect(spreadOf({ ...dark, total: 1, xx: Infinity })).toBeNull();
  });
});

describe("a tilt on the screen", () => {
  // The shown pixel (u, v) is the source's (a, b) = transpose ? (v, u) : (u, v), then mirrored (contract, Orientation).
  it("is that of the line as it is shown, however it is turned", () => {
    for (const transpose of [false, true]) {
      for (const mirrorX of [false, true]) {
        for (const mirrorY of [false, true]) {
          for (let tilt = -80; tilt <= 90; tilt += 10) {
            const angle = (tilt * Math.PI) / 180;
            const a = (mirrorX ? -1 : 1) * Math.cos(angle);
            const b = (mirrorY ? -1 : 1) * -Math.sin(angle);
            const [u, v] = transpose ? [b, a] : [a, b];
            const seen = (Math.atan2(-v, u) * 180) / Math.PI;
            const shown = shownTilt(tilt, { transpose, mirrorX, mirrorY });
            expect(shown).toBeGreaterThan(-90);
            expect(shown).toBeLessThanOrEqual(90);
            expect(Math.abs(((shown - seen + 270) % 180) - 90)).toBeLessThan(1e-9);
          }
        }
      }
    }
  });
});
