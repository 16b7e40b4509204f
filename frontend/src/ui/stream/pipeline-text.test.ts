import { describe, expect, it } from "vitest";
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
        camera_name: "CAM", image_background: "bg", image_background_enable: true, image_background_ok: true, image_threshold: 20,
        image_region_of_interest: [10, 20, 30, 40], image_good_region: { threshold: 0.3, gfscale: 1.8 },
        image_slices: { number_of_slices: 5, scale: 2, orientation: "vertical" }, averaging: 4, rotation: { angle: -12.5 },
        mirror_x: true, mirror_y: true, binning_x: 2, binning_y: 3,
      }),
    ).toEqual({
      Camera: "CAM",
      Background: "subtracted, nothing below zero (bg)",
      Threshold: "20: less is zero",
      "Region of interest": "30 × 40 pixels from (10, 20)",
      "Good region": "above 0.3 of the peak, 1.8 times as wide",
      Slices: "5, vertical, over 2 σ",
      Averaging: "4 images",
      Rotation: "-12.5°",
      Mirrored: "x and y",
      Binning: "2 × 3 pixels",
    });
  });

  it("is said too where it did nothing", () => {
    expect(lines({ image_background_enable: false, image_background: "bg" })).toEqual({
      Background: "not subtracted", Threshold: "none", "Region of interest": "whole image", "Good region": "none",
      Slices: "none", Averaging: "none", Rotation: "none", Mirrored: "no", Binning: "none",
    });
    expect(lines({})["Background"]).toBe("not told");
  });

  it.each([["passive", "passive: loaded, not subtracted"], ["signed", "subtracted, negative values kept"]])("names the background %s", (state, text) => {
    expect(lines({ image_background_enable: state })["Background"]).toBe(text);
    expect(lines({ image_background_enable: state, image_background_ok: false })["Background"]).toBe(`${text}, NOT GOOD`);
  });
});

describe("what is wrong", () => {
  it("is the error of the server before all else", () => {
    expect(problemOf(parameters({ processing_error: "no <b>luck</b>", image_background_enable: true, image_background_ok: false }))).toEqual({
      title: "Processing failed at the source", text: "no <b>luck</b>",
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
    const pipeline = pipelineOf({ pulse, scalars, arrays: new Map(), omitted: new Map() }, { columns: 2, rows: 2, channel: "image" });
    if (pipeline === null) throw new Error("no pipeline");
    expect(axisRows(pipeline).find(([what]) => what === "rms")).toEqual(["rms", 0.1 + 0.2, null, "µm"]);
    expect(Object.fromEntries(imageLines(pipeline))).toEqual({
      Intensity: "–", "Lowest, highest pixel": "–, –", "Good region": "–", Slices: "–", Coupling: "–",
    });
  });
});
