import { describe, expect, it } from "vitest";
import { UPRIGHT } from "../../defaults";
import { turned } from "../../render/orientation";
import { mapPlaces, Minimap } from "./minimap";
import { Placing } from "./placing";
import type { Place } from "../settings";

const IMAGE = { width: 40, height: 30 };
const STAGE = { width: 800, height: 600 };

function placing(scale: number, offsetX: number, offsetY: number, orientation = UPRIGHT, stage = STAGE): Placing {
  return new Placing({ scale, offsetX, offsetY, orientation }, IMAGE, stage, 1);
}

describe("the small map", () => {
  it("is there only while a part of the image is hidden, and where there is room", () => {
    expect(mapPlaces(placing(20, 0, 0))).toBeNull();
    expect(mapPlaces(placing(40, 0, 0))).not.toBeNull();
    expect(mapPlaces(placing(40, 0, 0, UPRIGHT, { width: 300, height: 200 }))).toBeNull();
  });

  it("shows which part is seen", () => {
    const { whole, seen } = mapPlaces(placing(40, -400, -300))!;
    expect(whole).toEqual({ x: 800 - 10 - 128, y: 600 - 10 - 96, width: 128, height: 96 });
    expect(seen).toEqual({ x: whole.x + 32, y: whole.y + 24, width: 64, height: 48 });
  });

  it("is turned like the picture", () => {
    const { whole } = mapPlaces(placing(40, 0, 0, turned(UPRIGHT)))!;
    expect([whole.width, whole.height]).toEqual([72, 96]);
  });

  it("brings what is taken to the middle", () => {
    const places: Place[] = [];
    const map = new Minimap((place) => places.push(place));
    const now = placing(40, -400, -300);
    const { whole } = mapPlaces(now)!;
    expect(map.click({ x: whole.x + 64, y: whole.y + 48 }, now)).toBe(true);
    expect(places.at(-1)).toEqual({ x: 19.5, y: 14.5 });
    expect(map.click({ x: 5, y: 5 }, now)).toBe(false);
    // Taken inside of what is seen, that does not jump.
    const how = { shift: false, control: false, alt: false, reach: 7 };
    map.grab({ x: whole.x + 40, y: whole.y + 30 }, now)?.move({ x: whole.x + 40, y: whole.y + 30 }, now, how);
    expect(places.at(-1)?.x).toBeCloseTo(19.5, 9);
  });
});
