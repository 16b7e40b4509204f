// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../../defaults";
import { Placing } from "./placing";
import { type Pixel, Probe } from "./probe";

const IMAGE = { width: 40, height: 20 };
const STAGE = { width: 400, height: 200 };
/** Ten pixels of the screen for each of the image. */
const PLACING = new Placing({ scale: 10, offsetX: 0, offsetY: 0, orientation: UPRIGHT }, IMAGE, STAGE, 1);

function probe(): { probe: Probe; told: (Pixel | null)[] } {
  const told: (Pixel | null)[] = [];
  const made: Probe = new Probe({ changed: () => made.draw(), pixel: (pixel) => told.push(pixel) });
  made.setPlacing(PLACING, IMAGE);
  return { probe: made, told };
}

describe("the pixel that is read out", () => {
  it("is the one under the mouse, told once", () => {
    const { probe: one, told } = probe();
    one.hover({ x: 25, y: 35 });
    one.hover({ x: 26, y: 36 });
    one.hover(null);
    expect(told).toEqual([{ row: 3, column: 2 }, null]);
    expect(one.element.hidden).toBe(true);
  });

  it("starts in the middle when it is moved, stays in the image, and is framed", () => {
    const { probe: one, told } = probe();
    one.move(0, 0, IMAGE, STAGE);
    one.move(-100, 100, IMAGE, STAGE);
    expect(told).toEqual([
      { row: 10, column: 20 },
      { row: 0, column: 39 },
    ]);
    expect(one.element.hidden).toBe(false);
    expect(one.element.style.transform).toContain("translate(");
    expect([one.letGo(), one.letGo()]).toEqual([true, false]);
    expect(told.at(-1)).toBeNull();
  });

  it("is none any more when a smaller image comes", () => {
    const { probe: one } = probe();
    one.pick({ x: 395, y: 5 });
    expect(one.pixel).toEqual({ row: 0, column: 39 });
    const small = { width: 4, height: 2 };
    one.setPlacing(new Placing({ scale: 10, offsetX: 0, offsetY: 0, orientation: UPRIGHT }, small, STAGE, 1), small);
    expect(one.pixel).toBeNull();
  });
});
