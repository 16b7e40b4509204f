import { describe, expect, it } from "vitest";
import { fitBeam } from "./fit";
import { imageOf, type Recipe, readVectors, sampleOf, type Vector } from "./image.testing";
import type { BeamFit, BeamShape } from "./result";

const { beams, states } = readVectors();
const named = (name: string): Vector => beams.find(({ recipe }) => recipe.name === name)!;

/** Of the image of a vector; large ones take a second to make. */
const known = new Map<string, BeamShape>();
function shapeIn({ recipe }: Vector): BeamShape {
  const found = known.get(recipe.name) ?? shapeOf(fitBeam(sampleOf(recipe)));
  known.set(recipe.name, found);
  return found;
}

function shapeOf(fit: BeamFit): BeamShape {
  expect(fit).toMatchObject({ state: "converged" });
  return fit as BeamShape;
}

/** Angle between two directions of axes, which have no ends. */
function apart(one: number, other: number): number {
  return Math.abs(((one - other + 270) % 180) - 90);
}

function nearby(value: number, expected: number, tolerance: number, what: string): void {
  expect(Math.abs(value - expected), `${what}: ${value} instead of ${expected}`).toBeLessThanOrEqual(tolerance);
}

describe("the beam", () => {
  it("is held against the library and against numpy, on all types of pixels", () => {
    expect(beams.filter(({ oracle }) => oracle === "laserbeamsize").length).toBeGreaterThanOrEqual(20);
    expect(beams.filter(({ oracle }) => oracle === "numpy").length).toBeGreaterThanOrEqual(6);
    expect(new Set(beams.map(({ recipe }) => recipe.dtype)).size).toBe(8);
    expect(Math.max(...beams.map(({ steps }) => steps))).toBeGreaterThan(10);
  });

  // Both sides sum up the same pixels in doubles; only the order differs. Of a box of many pixels the page takes each n-th
  // row: what that may do is the noise of so few of the pixels.
  it.each(beams.map((vector) => ({ ...vector, label: `${vector.recipe.name}, ${vector.oracle}` })))(
    "has the moments of the oracle ($label)",
    (vector) => {
      const { recipe, beam, errors, total } = vector;
      const found = shapeIn(vector);
      const [x, y, major, minor, tilt] = beam;
      const every = found.everyRow;
      if (recipe.columns * recipe.rows < 2e6) expect(every).toBe(1);
      const within = (at: number, scale: number): number =>
        every > 1 ? 3 * Math.sqrt(every) * errors![at]! : 1e-9 * scale;
      nearby(found.outline.middle[0], x, within(0, major), "x");
      nearby(found.outline.middle[1], y, within(1, major), "y");
      nearby(found.major.value, major, within(2, major), "major");
      nearby(found.minor.value, minor, within(3, major), "minor");
      nearby(found.ellipticity.value, minor / major, within(5, 1), "ellipticity");
      nearby(found.total.value, total, within(6, total), "total");
      // What is nearly round has nearly no tilt, and rounding turns it.
      if (minor < 0.99 * major)
        expect(apart(found.tilt!.value, tilt)).toBeLessThanOrEqual(every > 1 ? within(4, 1) : 1e-6);
      if (errors === null) return;
      const own = [
        found.centre.x,
        found.centre.y,
        found.major,
        found.minor,
        found.tilt!,
        found.ellipticity,
        found.total,
      ];
      // Fewer rows make the deviations of the pixels matter more, and that of the level not.
      own.forEach(({ error }, at) => {
        expect(error! / errors[at]!, `error ${at}`).toBeGreaterThan(every > 1 ? 0.98 : 1 - 1e-6);
        expect(error! / errors[at]!, `error ${at}`).toBeLessThan(every > 1 ? 1.02 * Math.sqrt(every) : 1 + 1e-6);
      });
    },
  );

  // The library stops when nothing moves by a pixel; near the end of its steps the next one is no longer.
  it.each(
    beams
      .filter(({ library, recipe }) => library !== null && recipe.columns < 3000)
      .map((vector) => ({ ...vector, label: vector.recipe.name })),
  )("is where the library finds it by its own rule, within its step ($label)", (vector) => {
    const { library } = vector;
    const found = shapeIn(vector);
    const own = [...found.outline.middle, found.major.value, found.minor.value];
    own.forEach((value, at) => nearby(value, library![at]!, 1, `number ${at}`));
  });

  // The fit of the page and scipy's agree to 1e-5 of sigma (gauss.test.ts); the profiles are the same numbers.
  it.each(beams.filter(({ fits }) => fits !== undefined).map((vector) => ({ ...vector, label: vector.recipe.name })))(
    "has the Gaussian fits of scipy along its axes ($label)",
    (vector) => {
      const { fits } = vector;
      const { profiles, grouped } = shapeIn(vector);
      expect(grouped).toBe(1);
      [profiles!.major, profiles!.minor].forEach(({ fit, positions, values }, at) => {
        const [amplitude, mean, sigma] = fits![at]!;
        expect(fit).toMatchObject({ state: "converged", mark: null });
        expect(positions.length).toBe(values.length);
        nearby(fit.sigma!, sigma, 1e-5 * sigma, "sigma");
        nearby(fit.amplitude!, amplitude, 1e-5 * amplitude, "amplitude");
        // An axis has no direction of its own: that of a round beam is anything.
        nearby(Math.abs(fit.mean!), Math.abs(mean), 1e-5 * sigma, "mean");
      });
    },
  );

  it("has the fits of what was put in when pixels are grouped, to two parts in a thousand", () => {
    for (const name of ["5.5 megapixels", "5.5 megapixels, wide", "6.6 megapixels of bytes"]) {
      const vector = named(name);
      const { recipe } = vector;
      const { profiles, grouped, everyRow, background } = shapeIn(vector);
      expect(grouped, name).toBeGreaterThan(1);
      expect(everyRow, name).toBe(name === "5.5 megapixels, wide" ? 3 : 1);
      expect(background.everyRow, name).toBeGreaterThanOrEqual(4);
      nearby(profiles!.major.fit.sigma!, recipe.major, 2e-3 * recipe.major, `${name}, major`);
      nearby(profiles!.minor.fit.sigma!, recipe.minor, 2e-3 * recipe.minor, `${name}, minor`);
      expect(profiles!.major.positions.length).toBeLessThan(3000);
    }
  });
});

describe("a beam without numbers", () => {
  const all = Object.entries(states).flatMap(([state, recipes]) => recipes.map((recipe) => ({ state, recipe })));

  it.each(all.map((one) => ({ ...one, label: `${one.state}: ${one.recipe.name}` })))("says so ($label)", (one) => {
    const found = fitBeam(sampleOf(one.recipe));
    expect(Object.keys(found).sort()).toEqual(["reason", "state"]);
    expect(found).toMatchObject({ state: one.state, reason: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  it("is one of which hardly anything is known in the noise", () => {
    const recipe = { ...named("noisy").recipe, amplitude: 15 };
    for (let seed = 100; seed < 120; seed++) {
      const found = fitBeam(sampleOf({ ...recipe, seed }));
      if (found.state === "converged") expect(found.major.error! / found.major.value).toBeLessThan(0.5);
      else expect(["empty", "unsettled", "clipped"]).toContain(found.state);
    }
  });

  it("is an image that is too small, or has no finite pixels", () => {
    const sample = sampleOf(named("round").recipe);
    for (const [width, height] of [
      [4, 80],
      [90, 4],
      [0, 0],
    ] as const)
      expect(fitBeam({ ...sample, region: { x: 0, y: 0, width, height } }).state).toBe("empty");
    const pixels = new Float32Array(90 * 80);
    for (const value of [Number.NaN, Infinity, -Infinity])
      expect(fitBeam({ ...sample, pixels: pixels.fill(value) }).state).toBe("empty");
    expect(fitBeam({ ...sample, pixels: new Float64Array(7200).fill(Number.MAX_VALUE) }).state).not.toBe("converged");
    expect(
      fitBeam({ ...sample, pixels: new Float64Array(7200).map((_, at) => (at % 2 ? 1 : -1) * 1e308) }).state,
    ).not.toBe("converged");
  });
});

describe("axes and parts of images", () => {
  it("place the centroid on axes of either direction", () => {
    for (const name of ["micrometres", "descending", "one descends", "unequal and descending"]) {
      const { recipe, beam } = named(name);
      const { centre, unit, unitsDiffer } = shapeOf(fitBeam(sampleOf(recipe)));
      expect([unit, unitsDiffer]).toEqual(["µm", false]);
      nearby(centre.x.value, 700 + recipe.step_x * beam[0], 1e-6, `${name}, x`);
      nearby(centre.y.value, 700 + recipe.step_y * beam[1], 1e-6, `${name}, y`);
    }
  });

  it("which descend change neither diameters nor the tilt that is seen", () => {
    const recipe = named("unequal steps").recipe;
    const straight = shapeOf(fitBeam(sampleOf(recipe)));
    for (const [x, y] of [
      [-1, 1],
      [1, -1],
      [-1, -1],
    ] as const) {
      const turned = shapeOf(fitBeam(sampleOf({ ...recipe, step_x: x * recipe.step_x, step_y: y * recipe.step_y })));
      expect(turned.tilt).toEqual(straight.tilt);
      expect([turned.major, turned.minor, turned.outline]).toEqual([straight.major, straight.minor, straight.outline]);
    }
  });

  it("of unequal pixels turn a beam: a circle of pixels is an ellipse of lengths", () => {
    const recipe: Recipe = { ...named("round").recipe, step_x: 3, step_y: 2 };
    const found = shapeOf(fitBeam(sampleOf(recipe)));
    nearby(found.major.value, 3 * 24, 0.1, "major");
    nearby(found.minor.value, 2 * 24, 0.1, "minor");
    nearby(found.tilt!.value, 0, 0.01, "tilt");
    expect(found.circular).toBe(false);
    const upright = shapeOf(fitBeam(sampleOf({ ...recipe, step_x: 2, step_y: 3 })));
    nearby(upright.tilt!.value, 90, 0.01, "tilt");
  });

  it("of different units, or that cannot be used, are left for pixels, and it is said", () => {
    const sample = sampleOf(named("round").recipe);
    const pixels = shapeOf(fitBeam(sample));
    for (const x of [
      { kind: "linear", origin: 0, step: 2, unit: "mm" },
      { kind: "linear", origin: 0, step: 0, unit: "" },
      { kind: "values", values: new Float64Array(90), unit: "px", name: "flat" },
      { kind: "values", values: new Float64Array(3), unit: "px", name: "short" },
    ] as const) {
      const found = shapeOf(fitBeam({ ...sample, axes: { x, y: { kind: "pixel" } } }));
      expect(found).toMatchObject({ unit: "px", unitsDiffer: true, major: pixels.major, centre: pixels.centre });
    }
  });

  it("with steps of different lengths have moments, but no profiles", () => {
    const { recipe } = named("elliptic");
    const values = new Float64Array(recipe.columns).map((_, at) => at + 0.001 * at * at);
    const sample = sampleOf(recipe);
    const y = { kind: "linear", origin: 0, step: 1, unit: "um" } as const;
    const found = shapeOf(fitBeam({ ...sample, axes: { x: { kind: "values", values, unit: "um", name: "x" }, y } }));
    expect(found.profiles).toBeNull();
    // The steps around the middle are 1.12.
    nearby(found.along.x.value, 1.12 * 44, 0.3, "x");
    nearby(found.centre.x.value, values[60]!, 0.6, "centroid");
  });

  it("give the same beam for a part of the image as for that part alone", () => {
    const { recipe } = named("off-centre");
    const sample = sampleOf(recipe);
    const part = { x: 8, y: 60, width: 90, height: 85 };
    const within = shapeOf(fitBeam({ ...sample, region: part }));
    const alone = new Uint16Array(part.width * part.height).map(
      (_, at) => sample.pixels[(part.y + Math.floor(at / part.width)) * recipe.columns + part.x + (at % part.width)]!,
    );
    const cut = shapeOf(
      fitBeam({ ...sample, pixels: alone, columns: 90, region: { ...part, x: 0, y: 0 }, place: { x: 8, y: 60 } }),
    );
    expect(cut).toEqual(within);
    nearby(within.centre.x.value, 48.5, 0.1, "x");
  });

  it("tell saturation within the beam only", () => {
    const { recipe } = named("off-centre");
    const sample = sampleOf(recipe);
    const pixels = imageOf(recipe);
    const level = 5000;
    expect(shapeOf(fitBeam({ ...sample, saturation: { pixels, level } })).saturated).toBe(false);
    expect(shapeOf(fitBeam({ ...sample, saturation: { pixels: pixels.with(10, level), level } })).saturated).toBe(
      false,
    );
    const middle = pixels.with(110 * recipe.columns + 48, level);
    const found = shapeOf(fitBeam({ ...sample, saturation: { pixels: middle, level } }));
    expect(found).toMatchObject({ saturated: true, profiles: { major: { fit: { mark: "saturated" } } } });
  });
});

describe("errors", () => {
  it("are what the noise does to the numbers", () => {
    const { recipe } = named("around zero");
    const several = Array.from({ length: 120 }, (_, seed) =>
      shapeOf(fitBeam(sampleOf({ ...recipe, amplitude: 1500, seed: 1000 + seed }))),
    );
    // The box follows the noise, which the errors leave out; and 120 images tell a deviation to 7 %.
    for (const number of ["major", "minor", "ellipticity", "tilt", "total"] as const) {
      const values = several.map((found) => found[number]!.value);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
      const told = several.reduce((sum, found) => sum + found[number]!.error!, 0) / several.length;
      expect(deviation / told, number).toBeGreaterThan(0.7);
      expect(deviation / told, number).toBeLessThan(1.4);
    }
  });

  it("are not known without noise, and a round beam has no tilt", () => {
    const found = shapeOf(fitBeam(sampleOf(named("round").recipe)));
    expect([found.major.error, found.total.error]).toEqual([null, null]);
    expect(found.circular).toBe(true);
    const { recipe } = named("around zero");
    expect(shapeOf(fitBeam(sampleOf({ ...recipe, major: 7, minor: 7 }))).tilt).toBeNull();
  });
});
