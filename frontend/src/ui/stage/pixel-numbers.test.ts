import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../../defaults";
import { turned } from "../../render/orientation";
import { Placing } from "./placing";
import { fitted, fontSize, printable } from "./pixel-numbers";

function placing(scale: number, offsetX = 0, offsetY = 0, orientation = UPRIGHT): Placing {
  return new Placing(
    { scale, offsetX, offsetY, orientation },
    { width: 400, height: 300 },
    { width: 800, height: 600 },
    1,
  );
}

describe("numbers in pixels", () => {
  it("are wanted of the pixels that are seen, when they are large", () => {
    expect(printable(placing(20))).toBeNull();
    expect(printable(placing(50))).toEqual([0, 0, 16, 12]);
    expect(printable(placing(50, -75, -50))).toEqual([1, 1, 17, 12]);
    expect(printable(placing(50, 700, 0))).toEqual([0, 0, 2, 12]);
    expect(printable(placing(50, 900, 0))).toBeNull();
  });

  it("are those of the source when the picture is turned", () => {
    // Turned to the right, the upper left corner is the last row.
    expect(printable(placing(50, 0, 0, turned(UPRIGHT)))).toEqual([0, 284, 12, 16]);
  });

  it("fit into their pixel", () => {
    expect(fontSize("7", 40)).toBe(13);
    expect(fontSize("65535", 30)).toBe(9);
    expect(fontSize("65535", 20)).toBeNull();
    expect(fitted("0.1234567890123", 40)).toBe("0.12346");
    expect(fitted("1.5e-300", 30)).toBeNull();
    expect(fitted("1.23456e-12", 40)).toBe("1.2e-12");
    // A whole number without its last figures would be another one.
    expect(fitted("123456789012", 40)).toBeNull();
    expect(fitted("NaN", 40)).toBe("NaN");
  });
});
