import { afterEach, describe, expect, it, vi } from "vitest";
import type { ArrayValue, DType, PulseValues, Scalar } from "../../contract";
import { indexOn, pipelineOf } from "./pipeline";
import { parametersOf } from "./pipeline-parameters";

const IMAGE = { columns: 4, rows: 3, channel: "image" };
const PARAMETERS = {
  camera_name: "CAM1",
  image_background: "CAM1_background",
  image_background_enable: "passive",
  image_background_ok: true,
  image_threshold: 20,
  image_region_of_interest: [10, 20, 30, 40],
  image_good_region: { threshold: 0.3, gfscale: 1.8 },
  image_slices: { number_of_slices: 5, scale: 2.0, orientation: "horizontal" },
  rotation: { angle: 12.5, order: 1, mode: "constant" },
  mirror_x: true,
  mirror_y: false,
  averaging: 3,
  binning_x: 2,
  binning_y: 1,
};

function scalar(value: number | bigint | string | boolean): Scalar {
  return { state: "value", dtype: typeof value === "string" ? "string" : "float64", value };
}

function array(values: number[], dtype: DType = "float64", shape = [values.length]): ArrayValue {
  return { dtype, shape, values: Float64Array.from(values) };
}

type Given = Record<string, number | bigint | string | boolean | number[] | null | ArrayValue>;

function valuesOf(given: Given, prefix = ""): PulseValues {
  const values: PulseValues = {
    pulse: { epoch: 1, sequence: 1n, pulseId: 1n, sourceTime: null, receiptTime: null },
    scalars: new Map(),
    arrays: new Map(),
    omitted: new Map(),
  };
  for (const [name, value] of Object.entries(given)) {
    if (value === null) values.scalars.set(prefix + name, { state: "null" });
    else if (Array.isArray(value)) values.arrays.set(prefix + name, array(value));
    else if (typeof value === "object") values.arrays.set(prefix + name, value);
    else values.scalars.set(prefix + name, scalar(value));
  }
  return values;
}

const FULL: Given = {
  x_axis: [15, 5, -5, -15],
  y_axis: [8, 0, -8],
  x_profile: [1, 5, 7, 2],
  y_profile: [3, 9, 3],
  x_center_of_mass: -1.5,
  x_rms: 6.25,
  x_fwhm: 14,
  x_fw: 20,
  x_fit_offset: 0.5,
  x_fit_amplitude: 7,
  x_fit_mean: -2,
  x_fit_standard_deviation: 6,
  x_fit_gauss_function: [1, 5, 7, 2.5],
  y_center_of_mass: 0,
  intensity: 15n,
  min_value: 0,
  max_value: 6,
  good_region: [1, 0, 3, 2],
  gr_x_fit_mean: -1,
  gr_x_fit_standard_deviation: 5,
  gr_x_fit_gauss_function: [5, 7],
  gr_intensity: 11,
  slice_orientation: "horizontal",
  slice_amount: 2,
  slice_length: 4.5,
  slice_0_center_x: 4,
  slice_0_center_y: 1,
  slice_0_standard_deviation: 3,
  slice_0_intensity: 9,
  slice_1_center_x: -4,
  slice_1_center_y: -1,
  slice_1_standard_deviation: 2,
  slice_1_intensity: 8,
  coupling: 9,
  coupling_slope: 0.25,
  coupling_offset: 0.125,
  processing_parameters: JSON.stringify(PARAMETERS),
};

describe("the channels of the processing server", () => {
  it("are read whole", () => {
    const pipeline = pipelineOf(valuesOf(FULL), IMAGE);
    expect(pipeline).toMatchObject({ prefix: "", intensity: 15, min: 0, max: 6 });
    expect(pipeline?.x).toMatchObject({ com: -1.5, rms: 6.25, fwhm: 14, fw: 20 });
    expect(Array.from(pipeline?.x.axis ?? [])).toEqual([15, 5, -5, -15]);
    expect(Array.from(pipeline?.y.profile ?? [])).toEqual([3, 9, 3]);
    expect(pipeline?.x.fit).toMatchObject({ offset: 0.5, amplitude: 7, mean: -2, sigma: 6 });
    expect(Array.from(pipeline?.x.fit?.curve ?? [])).toEqual([1, 5, 7, 2.5]);
    expect(pipeline?.y.fit).toBeNull();
    expect(pipeline?.goodRegion).toMatchObject({ x: 1, y: 0, width: 2, height: 2, intensity: 11, fitY: null });
    expect(Array.from(pipeline?.goodRegion?.fitX?.curve ?? [])).toEqual([5, 7]);
    expect(pipeline?.slices).toEqual({
      along: "x",
      length: 4.5,
      slices: [
        { x: 4, y: 1, sigma: 3, intensity: 9 },
        { x: -4, y: -1, sigma: 2, intensity: 8 },
      ],
    });
    expect(pipeline?.coupling).toEqual({ value: 9, slope: 0.25, offset: 0.125 });
    expect(pipeline?.parameters).toEqual({
      camera: "CAM1",
      script: null,
      background: { state: "passive", name: "CAM1_background", ok: true },
      threshold: 20,
      region: { offsetX: 10, sizeX: 20, offsetY: 30, sizeY: 40 },
      regionUnknown: false,
      goodRegion: { threshold: 0.3, scale: 1.8 },
      slices: { number: 5, scale: 2, orientation: "horizontal" },
      averaging: { frames: 3, mode: "each" },
      imageAveraging: null,
      imageScale: null,
      imageOffset: null,
      fullWidth: null,
      rotation: { angle: 12.5, ortho: false },
      mirrorX: true,
      mirrorY: false,
      binning: [2, 1],
      binningMean: false,
      error: null,
    });
  });

  it.each(["CAM1:", "SARFE10-PSCR059.", "a:b.c:"])("may have the prefix %s, that of the picture", (prefix) => {
    const values = valuesOf(FULL, prefix);
    for (const [name, value] of valuesOf({ x_center_of_mass: 99 }, "OTHER:").scalars) values.scalars.set(name, value);
    expect(pipelineOf(values, { ...IMAGE, channel: `${prefix}image` })).toMatchObject({ prefix, x: { com: -1.5 } });
    expect(pipelineOf(values, { ...IMAGE, channel: "OTHER:image" })).toMatchObject({
      prefix: "OTHER:",
      x: { com: 99 },
    });
  });

  it("have the only prefix that there is when the picture says none", () => {
    expect(pipelineOf(valuesOf(FULL, "CAM1:"), { ...IMAGE, channel: "CAM1:FPICTURE" })?.prefix).toBe("CAM1:");
    const two = valuesOf(FULL, "CAM1:");
    for (const [name, value] of valuesOf(FULL, "CAM2:").arrays) two.arrays.set(name, value);
    expect(pipelineOf(two, { ...IMAGE, channel: "FPICTURE" })).toBeNull();
  });

  it("are not those of another camera", () => {
    expect(pipelineOf(valuesOf(FULL, "CAM2:"), { ...IMAGE, channel: "CAM1:image" })).toBeNull();
    expect(pipelineOf(valuesOf({ some: 1, width: 4, x_axis: [1, 2, 3, 4] }), IMAGE)).toBeNull();
    expect(pipelineOf(valuesOf({ max_x_profile: [1, 2, 3, 4] }), { columns: 4, rows: 3 })).toBeNull();
  });

  it("may be the profiles alone, of the simple generator", () => {
    const pipeline = pipelineOf(valuesOf({ image_profile_x: [1, 2, 3, 4], image_profile_y: [1, 2, 3] }), IMAGE);
    expect(Array.from(pipeline?.x.profile ?? [])).toEqual([1, 2, 3, 4]);
    expect(Array.from(pipeline?.y.profile ?? [])).toEqual([1, 2, 3]);
    expect(pipeline?.parameters).toBeNull();
  });

  it("of an empty beam have no widths, no region and no slices", () => {
    const nothing = Object.fromEntries(
      Object.keys(FULL)
        .filter((name) => /^(gr_|slice|coupl|good)/.test(name))
        .map((name) => [name, null]),
    );
    const pipeline = pipelineOf(valuesOf({ ...FULL, ...nothing, x_fwhm: NaN, x_rms: 0 }), IMAGE);
    expect(pipeline).toMatchObject({ goodRegion: null, slices: null, coupling: null });
    expect(pipeline?.x).toMatchObject({ fwhm: null, rms: 0 });
  });

  it("after a failure are the parameters alone, which say why", () => {
    const text = JSON.stringify({ ...PARAMETERS, processing_error: "invalid background size" });
    const pipeline = pipelineOf(valuesOf({ processing_parameters: text }), IMAGE);
    expect(pipeline?.parameters?.error).toBe("invalid background size");
    expect(pipeline?.x).toMatchObject({ profile: null, fit: null });
  });
});

describe("values that cannot be right", () => {
  const read = (given: Given) => pipelineOf(valuesOf({ ...FULL, ...given }), IMAGE);

  it("of another length than the image are left out", () => {
    const pipeline = read({
      x_profile: [1, 2, 3],
      x_axis: [1, 2, 3, 4, 5],
      y_fit_gauss_function: [1],
      x_fit_gauss_function: [],
    });
    expect(pipeline?.x).toMatchObject({ profile: null, axis: null, fit: { mean: -2, curve: null } });
    expect(pipeline?.y.fit).toBeNull();
    expect(read({ x_profile: array([1, 2, 3, 4], "float64", [2, 2]) })?.x.profile).toBeNull();
    expect(read({ x_profile: new Array(1_000_000).fill(1) as number[] })?.x.profile).toBeNull();
  });

  it("that are text, truth or not finite are no numbers", () => {
    const pipeline = read({
      x_rms: "6.25",
      x_fwhm: true,
      x_fw: Infinity,
      x_center_of_mass: null,
      intensity: 2n ** 70n,
    });
    expect(pipeline?.x).toMatchObject({ com: null, rms: null, fwhm: null, fw: null });
    expect(pipeline?.intensity).toBe(2 ** 70);
  });

  it.each([
    [[1, 0, 3]],
    [[3, 0, 1, 2]],
    [[0, 0, 5, 2]],
    [[-1, 0, 3, 2]],
    [[0.5, 0, 3, 2]],
    [[NaN, 0, 3, 2]],
    [[1, 1, 1, 1]],
  ])("are no good region: %s", (good_region) => expect(read({ good_region })?.goodRegion).toBeNull());

  it("of slices leave these slices out", () => {
    expect(read({ slice_0_center_x: NaN, slice_1_standard_deviation: -1 })?.slices?.slices).toEqual([
      { x: -4, y: -1, sigma: null, intensity: 8 },
    ]);
    expect(read({ slice_amount: 1e12 })?.slices?.slices).toHaveLength(2);
    for (const slice_amount of ["2", -1, NaN, null]) expect(read({ slice_amount })?.slices).toBeNull();
    expect(read({ slice_orientation: "vertical" })?.slices?.along).toBe("y");
  });

  it("named like parts of every object are nothing special", () => {
    const prefix = "__proto__:";
    expect(pipelineOf(valuesOf(FULL, prefix), { ...IMAGE, channel: `${prefix}image` })?.x.com).toBe(-1.5);
    expect(pipelineOf(valuesOf({ constructor: 1, toString: "x" }), IMAGE)).toBeNull();
  });
});

describe("the parameters", () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each(["", "{", "null", "[]", "3", '"text"', "NaN", "{}x", `${" ".repeat(300_000)}{}`])(
    "are ignored when broken",
    (text) => {
      expect(parametersOf(text)).toBeNull();
      expect(pipelineOf(valuesOf({ processing_parameters: text }), IMAGE)).toBeNull();
      expect(pipelineOf(valuesOf({ ...FULL, processing_parameters: text }), IMAGE)?.parameters).toBeNull();
    },
  );

  it("of wrong kinds say nothing", () => {
    const text = `{"image_background_enable": "no", "image_threshold": "20", "image_region_of_interest": [1, 2, 3],
      "image_good_region": [], "image_slices": 5, "rotation": {"angle": "x"}, "mirror_x": "true", "averaging": {},
      "binning_x": 0, "binning_y": -2.5, "processing_error": "", "__proto__": {"camera_name": "x"}, "toString": 1}`;
    expect(parametersOf(text)).toEqual({
      camera: null,
      script: null,
      background: { state: "on", name: null, ok: null },
      threshold: null,
      region: null,
      regionUnknown: true,
      goodRegion: null,
      slices: null,
      averaging: null,
      imageAveraging: null,
      imageScale: null,
      imageOffset: null,
      fullWidth: null,
      rotation: null,
      mirrorX: false,
      mirrorY: false,
      binning: [1, 1],
      binningMean: false,
      error: null,
    });
  });

  it.each([
    [false, "off"],
    [true, "on"],
    ["passive", "passive"],
    ["signed", "signed"],
  ])("know the background %s", (enable, state) => {
    expect(parametersOf(JSON.stringify({ image_background_enable: enable }))?.background.state).toBe(state);
  });

  it("are parsed once for each text", () => {
    const parse = vi.spyOn(JSON, "parse");
    const values = valuesOf({ ...FULL, processing_parameters: '{"image_threshold": 1}' });
    for (let count = 0; count < 5; count += 1) pipelineOf(values, IMAGE);
    expect(parse).toHaveBeenCalledTimes(1);
    expect(
      pipelineOf(valuesOf({ processing_parameters: '{"image_threshold": 2}' }), IMAGE)?.parameters?.threshold,
    ).toBe(2);
    expect(parse).toHaveBeenCalledTimes(2);
  });
});

describe("places on an axis", () => {
  it("lie between the pixels and beside them, whichever way it goes", () => {
    const rising = Float64Array.of(0, 10, 20, 40);
    expect([0, 5, 10, 30, 40, 60, -10].map((at) => indexOn(rising, at))).toEqual([0, 0.5, 1, 2.5, 3, 4, -1]);
    const descending = Float64Array.of(40, 20, 10, 0);
    expect([0, 5, 10, 30, 40, 60, -10].map((at) => indexOn(descending, at))).toEqual([3, 2.5, 2, 0.5, 0, -1, 4]);
  });

  it("do not exist on an axis of one pixel, that stands still, or without numbers", () => {
    for (const axis of [[], [1], [1, 1], [NaN, 1], [0, NaN], [Infinity, 0]]) {
      expect(indexOn(Float64Array.from(axis), 1)).toBeNull();
    }
    expect(indexOn(Float64Array.of(0, 1), NaN)).toBeNull();
    expect(indexOn(Float64Array.of(0, 5, 5, 5, 9), 5)).not.toBeNaN();
  });
});
