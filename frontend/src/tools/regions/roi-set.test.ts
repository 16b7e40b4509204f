import { describe, expect, it } from "vitest";
import type { RoiShape } from "../../contract";
import { AUTO_LEVELS } from "../../defaults";
import { polygonOfText, textOfPolygon, withName, withNumbers, withoutRois, withRoi } from "./roi-set";
import { DEFAULT_SETTINGS, type Settings } from "../../ui/settings";

const SHAPE: RoiShape = { kind: "rectangle", x: 1, y: 2, width: 3, height: 4 };
const IMAGE = { width: 100, height: 60 };

function settings(...ids: number[]): Settings {
  return { ...DEFAULT_SETTINGS, rois: ids.map((id) => ({ id, name: `ROI ${id}`, shape: SHAPE })) };
}

describe("the regions", () => {
  it("get ids and names that no other has", () => {
    expect(withRoi(settings(), SHAPE)).toEqual({ rois: [{ id: 1, name: "ROI 1", shape: SHAPE }], roi: 1 });
    const next = withRoi(
      { ...settings(1, 3), rois: [...settings(1, 3).rois, { id: 2, name: "ROI 4", shape: SHAPE }] },
      SHAPE,
    );
    expect(next.rois.at(-1)).toMatchObject({ id: 4, name: "ROI 5" });
  });

  it("are renamed, but not to nothing", () => {
    expect(withName(settings(1), 1, "  the \n beam ").rois[0]?.name).toBe("the beam");
    expect(withName(settings(1), 1, "  ").rois[0]?.name).toBe("ROI 1");
  });

  it("leave nothing behind that refers to them", () => {
    const before: Settings = {
      ...settings(1, 2),
      roi: 2,
      projections: { ...DEFAULT_SETTINGS.projections, roi: 2 },
      colours: {
        ...DEFAULT_SETTINGS.colours,
        levels: { ...AUTO_LEVELS, mode: "auto", of: "roi" } as Settings["colours"]["levels"],
      },
    };
    const after = { ...before, ...withoutRois(before, [2]) };
    expect(after.rois.map(({ id }) => id)).toEqual([1]);
    expect(after.roi).toBeNull();
    expect(after.projections.roi).toBeNull();
    expect(after.colours.levels).toMatchObject({ of: "image" });
    expect(withoutRois(before, [1])).toEqual({ rois: [before.rois[1]] });
  });
});

describe("numbers that are typed", () => {
  it("make another shape", () => {
    expect(withNumbers(SHAPE, ["10", "20", "30", "40"], IMAGE)).toEqual({
      kind: "rectangle",
      x: 10,
      y: 20,
      width: 30,
      height: 40,
    });
    const line: RoiShape = { kind: "line", x0: 0, y0: 0, x1: 1, y1: 1 };
    expect(withNumbers(line, ["1.5", "2", "3", "4,25"], IMAGE)).toEqual({
      kind: "line",
      x0: 1.5,
      y0: 2,
      x1: 3,
      y1: 4.25,
    });
  });

  it.each([
    [["10", "20", "x", "4"], "not a number"],
    [["10", "20", "", "4"], "not a number"],
    [["10.5", "20", "3", "4"], "Whole"],
    [["-1", "20", "3", "4"], "begin at 0"],
    [["10", "20", "0", "4"], "at least 1"],
    [["90", "20", "11", "4"], "100 × 60"],
  ])("%j are refused", (texts, why) => {
    expect(withNumbers(SHAPE, texts, IMAGE)).toContain(why);
  });

  it("are not held against an image that is not there", () => {
    expect(withNumbers(SHAPE, ["90", "20", "11", "4"], null)).toMatchObject({ x: 90 });
  });
});

describe("a polygon as text", () => {
  it("comes back", () => {
    const shape = polygonOfText("1, 2\n\n3.5 4\n5;6\n", IMAGE) as RoiShape;
    expect(shape).toEqual({
      kind: "polygon",
      points: [
        [1, 2],
        [3.5, 4],
        [5, 6],
      ],
    });
    expect(polygonOfText(textOfPolygon(shape), IMAGE)).toEqual(shape);
  });

  it.each([
    ["1, 2\n3, 4", "three"],
    ["1, 2\n3\n5, 6", "no point"],
    ["1, 2\n3, 4\n500, 6", "0 to 99"],
  ])("%j is refused", (text, why) => {
    expect(polygonOfText(text, IMAGE)).toContain(why);
  });
});
