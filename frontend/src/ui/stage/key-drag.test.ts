import { beforeEach, describe, expect, it } from "vitest";
import { UPRIGHT } from "../../defaults";
import { Tools } from "./handling";
import { KeyDrag, type KeyStage } from "./key-drag";
import { Placing } from "./placing";

let told: string[];
let tools: Tools;
let stage: KeyStage & { pixel: { row: number; column: number } | null };
let drag: KeyDrag;

beforeEach(() => {
  told = [];
  tools = new Tools();
  stage = {
    placing: new Placing(
      { scale: 10, offsetX: 0, offsetY: 0, orientation: UPRIGHT },
      { width: 40, height: 30 },
      { width: 400, height: 300 },
      1,
    ),
    pixel: null,
    movePixel: (rows, columns) => {
      const { row, column } = stage.pixel ?? { row: 15, column: 20 };
      stage.pixel = { row: row + rows, column: column + columns };
    },
    hold: (at) => {
      told.push(`hold ${at.x},${at.y}`);
      return {
        move: (to) => void told.push(`move ${to.x},${to.y}`),
        end: (cancelled) => void told.push(cancelled ? "given up" : "end"),
      };
    },
  };
  drag = new KeyDrag(stage, tools);
});

describe("a tool that is dragged by keys", () => {
  it("begins at the pixel that is read out, in the middle if there is none, and ends at another one", () => {
    tools.choose("ruler");
    expect(drag.enter()).toBe(true);
    stage.movePixel(1, 2);
    drag.moved();
    expect(drag.enter()).toBe(true);
    expect(told).toEqual(["hold 205,155", "move 225,165", "move 225,165", "end"]);
  });

  it("is given up by Escape, and by another tool", () => {
    tools.choose("zoom");
    drag.enter();
    expect(drag.cancel()).toBe(true);
    expect(drag.cancel()).toBe(false);
    drag.enter();
    tools.choose("line");
    expect(told.filter((what) => what === "given up")).toHaveLength(2);
  });

  it("is none of those that only need a place", () => {
    for (const name of ["pan", "marker", "roi-polygon"] as const) {
      if (tools.current !== name) tools.choose(name);
      expect(drag.enter()).toBe(false);
    }
    expect(told).toEqual([]);
  });
});
