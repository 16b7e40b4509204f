import { describe, expect, it } from "vitest";
import type { Analysis } from "../../contract";
import { UPRIGHT } from "../../defaults";
import { fitBeam } from "./compute/fit";
import { readVectors, sampleOf } from "./compute/image.testing";
import type { BeamShape } from "./compute/result";
import { beamAsText, beamEssentials, beamNotes, beamRows, stateText } from "./text";

const { recipe } = readVectors().beams.find((vector) => vector.recipe.name === "unequal steps")!;
const shape = fitBeam(sampleOf(recipe)) as BeamShape;
const textOf = (name: string): string[] => {
  const row = beamRows(shape, UPRIGHT).find((one) => one.name === name)!;
  return [row.text, row.unit];
};

describe("the beam in words", () => {
  it("has numbers with their errors and units", () => {
    expect(textOf("major diameter")).toEqual([
      `${shape.major.value.toFixed(1)} ± ${shape.major.error!.toPrecision(2)}`,
      "µm",
    ]);
    expect(textOf("tilt")[1]).toBe("°");
    expect(textOf("ellipticity")[0]).toMatch(/^0\.\d+ ± 0\.\d+$/);
    expect(textOf("fit sigma major")[0]).toMatch(/^\d+\.\d+ ± \d/);
    expect(beamEssentials(shape, UPRIGHT)).toMatch(/^D4σ \S+ ± \S+ × \S+ ± \S+ µm {2}tilt \S+ ± \S+°$/);
  });

  it("gives the tilt of the picture as it is shown", () => {
    const tilt = beamRows(shape, { ...UPRIGHT, mirrorX: true }).find(({ name }) => name === "tilt")!.text;
    expect(Number.parseFloat(tilt)).toBeCloseTo(-shape.tilt!.value, 0);
  });

  it("has no number where there is none", () => {
    for (const [state, text] of [
      ["clipped", "clipped"],
      ["unsettled", "no convergence"],
      ["empty", "no beam"],
    ] as const) {
      const none = { state, reason: "Because." };
      expect(stateText(none)).toBe(text);
      expect(beamRows(none, UPRIGHT)).toEqual([]);
      expect(beamNotes(none)).toEqual(["Because."]);
      expect(beamEssentials(none, UPRIGHT)).toBe(text);
    }
    const round = { ...shape, tilt: null, profiles: null };
    const texts = new Map(beamRows(round, UPRIGHT).map(({ name, text }) => [name, text]));
    expect([texts.get("tilt"), texts.get("fit sigma major")]).toEqual(["–", "–"]);
    expect(beamEssentials(round, UPRIGHT)).not.toContain("tilt");
  });

  it("says what was left out and what is to be doubted", () => {
    expect(beamNotes(shape)).toEqual([]);
    const background = { ...shape.background, everyRow: 4 };
    const all = {
      ...shape,
      saturated: true,
      circular: true,
      unitsDiffer: true,
      everyRow: 3,
      grouped: 2,
      profiles: null,
    };
    expect(beamNotes({ ...all, background })).toEqual([
      "Pixels of the beam are saturated.",
      "Circular by ISO 11146: the ellipticity is above 0.87.",
      "In pixels, because the axes have no unit in common or cannot be used.",
      "Of each third row.",
      "Gaussian fits of groups of 2 x 2 pixels.",
      "No Gaussian fits: the steps of an axis differ.",
    ]);
    expect(beamNotes({ ...shape, background })).toEqual(["Background of each 4th row."]);
  });

  it("is copied with its picture", () => {
    const analysis = { channel: "image", pulse: { pulseId: 12n } } as Analysis;
    const lines = beamAsText(analysis, shape, UPRIGHT).split("\n");
    expect(lines.slice(0, 3)).toEqual(["image\timage", "pulse\t12", "2-D beam fit\tconverged"]);
    expect(lines.some((line) => /^minor diameter\t\S+ ± \S+\tµm$/.test(line))).toBe(true);
  });
});
