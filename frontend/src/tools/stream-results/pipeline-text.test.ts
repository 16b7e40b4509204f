import { describe, expect, it } from "vitest";
import type { ArrayValue } from "../../contract";
import { pipelineOf } from "./pipeline";
import { parametersOf, type Parameters } from "./pipeline-parameters";
import { axisRows, imageLines, problemOf, processingLines } from "./pipeline-text";

function parameters(given: object): Parameters {
  const read = parametersOf(JSON.stringify(given));
  if (read === null) throw new Error("no parameters");
  return read;
}

function lines(given: object): Record<string, string> {
  return Object.fromEntries(processingLines(parameters(given)));
}

describe("what the server did", () => {
  it("is said for each step", () => {
    expect(
      lines({
        camera_name: "CAM",
        image_background: "bg",
        image_background_enable: true,
        image_background_ok: true,
        image_threshold: 20,
        image_region_of_interest: [10, 20, 30, 40],
        image_good_region: { threshold: 0.3, gfscale: 1.8 },
        image_slices: { number_of_slices: 5, scale: 2, orientation: "vertical" },
        averaging: 4,
        rotation: { angle: -12.5 },
        mirror_x: true,
        mirror_y: true,
        binning_x: 2,
        binning_y: 3,
        image_averaging: 3,
        image_scale: 0.5,
        image_offset: -20,
        fw_threshold: 0.2,
        function: "mine.py",
      }),
    ).toEqual({
      Camera: "CAM",
      Background: "subtracted, nothing below zero (bg)",
      Threshold: "20: less is zero (counts)",
      "Region of interest": "20 × 40 pixels from (10, 30)",
      "Good region": "above 0.3 of the peak, 1.8 times as wide",
      Slices: "5, vertical, over 2 σ",
      Averaging: "4 images become one",
      "Image averaging": "the mean of the last 3 images, after the threshold",
      Scale: "values times 0.5",
      Offset: "-20 counts added",
      "Full width": "at 0.2 of the height",
      "Computed by": "the script mine.py",
      Rotation: "-12.5° counter-clockwise",
      Mirrored: "x and y",
      Binning: "2 × 3 pixels, their sum",
    });
  });

  it("is said too where it did nothing", () => {
    expect(lines({ image_background_enable: false, image_background: "bg" })).toEqual({
      Background: "not subtracted",
      Threshold: "none",
      "Region of interest": "whole image",
      "Good region": "none",
      Slices: "none",
      Averaging: "none",
      Rotation: "none",
      Mirrored: "no",
      Binning: "none",
      "Image averaging": "none",
      Scale: "none",
      Offset: "none",
      "Full width": "none but at half",
    });
  });

  it("has the server's defaults where keys are absent", () => {
    expect(lines({})).toEqual(lines({ image_background_enable: false }));
    expect(lines({ image_good_region: {}, image_slices: {} })).toMatchObject({
      "Good region": "above 0.3 of the peak, 1.8 times as wide",
      Slices: "1, vertical, over 2 σ",
    });
    expect(lines({ image_threshold: 0, image_averaging: 1, image_scale: null, averaging: 0 })).toEqual(lines({}));
  });

  it("is in the order of the server's steps", () => {
    expect(processingLines(parameters({})).map(([what]) => what)).toEqual([
      "Averaging",
      "Binning",
      "Background",
      "Mirrored",
      "Rotation",
      "Region of interest",
      "Threshold",
      "Image averaging",
      "Scale",
      "Offset",
      "Full width",
      "Good region",
      "Slices",
    ]);
  });

  it.each([
    [-3, "continuous, the mean of the last 3 images"],
    [4, "4 images become one"],
    [-1, "of 1 image: none"],
    [1, "of 1 image: none"],
    ["5", "5 images become one"],
  ])("averages %s", (averaging, text) => expect(lines({ averaging })["Averaging"]).toBe(text));

  it.each([
    [90, "90° counter-clockwise"],
    [{ angle: 0 }, "none"],
    [{ angle: 10, mode: "0.0" }, "10° counter-clockwise"],
  ])("rotates by %s", (rotation, text) => expect(lines({ rotation })["Rotation"]).toBe(text));

  it("rotates in quarters where it is orthogonal", () => {
    expect(lines({ rotation: { angle: 100, mode: "ortho" } })["Rotation"]).toMatch(/^90° counter-clockwise, /);
    expect(lines({ rotation: { angle: 45, mode: "ortho" } })["Rotation"]).toBe("none");
  });

  it.each([[[1, 2, 3]], ["all"], [{ x: 1 }]])("does not take the region %s for the whole image", (region) => {
    expect(lines({ image_region_of_interest: region })["Region of interest"]).toBe("not understood");
  });

  it("has one slice more where their number is even", () => {
    expect(lines({ image_slices: { number_of_slices: 4, orientation: "horizontal" } })["Slices"]).toBe(
      "5 (4 and one in the middle), horizontal, over 2 σ",
    );
  });

  it.each([
    ["passive", "passive: loaded, not subtracted"],
    ["signed", "subtracted, negative values kept"],
  ])("names the background %s", (state, text) => {
    expect(lines({ image_background_enable: state })["Background"]).toBe(text);
    expect(lines({ image_background_enable: state, image_background_ok: false })["Background"]).toBe(
      `${text}, NOT GOOD`,
    );
  });
});

describe("what is wrong", () => {
  it("is the error of the server before all else", () => {
    expect(
      problemOf(
        parameters({ processing_error: "no <b>luck</b>", image_background_enable: true, image_background_ok: false }),
      ),
    ).toEqual({
      title: "Processing failed at the source",
      text: "no <b>luck</b>",
    });
  });

  it("is a bad background that is in use", () => {
    const bad = { image_background: "bg7", image_background_ok: false };
    expect(problemOf(parameters({ ...bad, image_background_enable: true }))?.text).toContain("bg7");
    expect(problemOf(parameters({ ...bad, image_background_enable: false }))).toBeNull();
    expect(problemOf(parameters({ ...bad, image_background_ok: true, image_background_enable: true }))).toBeNull();
    expect(problemOf(null)).toBeNull();
  });
});

describe("what the server found", () => {
  it("is a dash where it found nothing", () => {
    const pulse = { epoch: 1, sequence: 1n, pulseId: 1n, sourceTime: null, receiptTime: null };
    const scalars = new Map([["x_rms", { state: "value", dtype: "float64", value: 0.1 + 0.2 }]] as const);
    const pipeline = pipelineOf(
      { pulse, scalars, arrays: new Map(), omitted: new Map() },
      { columns: 2, rows: 2, channel: "image" },
    );
    if (pipeline === null) throw new Error("no pipeline");
    expect(axisRows(pipeline).find(([what]) => what === "rms")).toEqual(["rms", 0.1 + 0.2, null, "(unit not told)"]);
    expect(Object.fromEntries(imageLines(pipeline))).toEqual({
      Intensity: "–",
      "Lowest pixel": "–",
      "Highest pixel": "–",
      "Good region": "–",
      "Its intensity": "–",
      Slices: "–",
      Coupling: "–",
    });
  });

  it("has the unit that its axes tell, and none where they are absent", () => {
    const pulse = { epoch: 1, sequence: 1n, pulseId: 1n, sourceTime: null, receiptTime: null };
    const scalars = new Map([["x_rms", { state: "value", dtype: "float64", value: 2 }]] as const);
    const unitWith = (...ends: [number, number][]): string | undefined => {
      const arrays = new Map<string, ArrayValue>(
        ends.map((values, at) => [
          ["x_axis", "y_axis"][at]!,
          { dtype: "float64", shape: [2], values: Float64Array.from(values) },
        ]),
      );
      const pipeline = pipelineOf(
        { pulse, scalars, arrays, omitted: new Map() },
        { columns: 2, rows: 2, channel: "image" },
      );
      return pipeline === null ? undefined : axisRows(pipeline).find(([what]) => what === "rms")?.[3];
    };
    expect(unitWith([-2.5, 2.5], [3, -3])).toBe("µm");
    expect(unitWith([0, 1], [0, 1])).toBe("px");
    expect(unitWith([-2.5, 2.5])).toBe("µm, (unit not told)");
    expect(unitWith()).toBe("(unit not told)");
  });
});
