import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../../defaults";
import { mirrored, turned } from "../../render/orientation";
import { Placing } from "./placing";

const IMAGE = { width: 40, height: 20 };
const STAGE = { width: 400, height: 300 };

function placing(orientation = UPRIGHT): Placing {
  return new Placing({ scale: 10, offsetX: 20, offsetY: 40, orientation }, IMAGE, STAGE, 2);
}

describe("places on the stage", () => {
  it("are the centres of pixels, in CSS pixels", () => {
    expect(placing().toStage({ x: 0, y: 0 })).toEqual({ x: 12.5, y: 22.5 });
    expect(placing().scale).toBe(5);
    expect(placing().toImage({ x: 12.5, y: 22.5 })).toEqual({ x: 0, y: 0 });
  });

  it("follow the orientation", () => {
    const right = placing(turned(UPRIGHT));
    expect(right.shown).toEqual({ width: 20, height: 40 });
    // The first pixel is at the top right.
    expect(right.toStage({ x: 0, y: 0 })).toEqual({ x: (19.5 * 10 + 20) / 2, y: (0.5 * 10 + 40) / 2 });
    for (const orientation of [turned(UPRIGHT), mirrored(UPRIGHT, "x"), mirrored(turned(UPRIGHT), "y")]) {
      const there = placing(orientation).toStage({ x: 7.25, y: 3.5 });
      expect(placing(orientation).toImage(there)).toEqual({ x: 7.25, y: 3.5 });
    }
  });

  it("say which whole pixel is under a point", () => {
    expect(placing().pixelAt({ x: 10.1, y: 20.1 })).toEqual({ row: 0, column: 0 });
    expect(placing().pixelAt({ x: 14.9, y: 25.1 })).toEqual({ row: 1, column: 0 });
    expect(placing().pixelAt({ x: 9.9, y: 22 })).toBeNull();
    expect(placing().pixelAt({ x: 10 + 40 * 5 - 0.1, y: 20.1 })).toEqual({ row: 0, column: 39 });
    expect(placing().pixelAt({ x: 10 + 40 * 5 + 0.1, y: 20.1 })).toBeNull();
  });

  it("give upright boxes around whole pixels", () => {
    expect(placing().boxOf({ x: 1, y: 2, width: 3, height: 4 })).toEqual({ x: 15, y: 30, width: 15, height: 20 });
    expect(placing(mirrored(UPRIGHT, "x")).boxOf({ x: 0, y: 0, width: 40, height: 20 })).toEqual(
      placing().boxOf({ x: 0, y: 0, width: 40, height: 20 }),
    );
  });
});
