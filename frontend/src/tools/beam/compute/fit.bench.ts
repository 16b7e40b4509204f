/**
 * What a result costs, of 5.5 megapixels, beside a projection of the same image: `npx vitest bench src/tools/beam`. In ms
 * of the processor's time, so that it means something on a machine that does other things too.
 */

import { bench, describe } from "vitest";
import { project } from "../../../analysis/project";
import { fitBeam } from "./fit";
import { type Recipe, readVectors, sampleOf } from "./image.testing";

const { beams } = readVectors();
const [narrow, wide] = ["5.5 megapixels", "5.5 megapixels, wide"].map(
  (name) => beams.find(({ recipe }) => recipe.name === name)!.recipe,
) as [Recipe, Recipe];
const options = {
  time: 1200,
  warmupTime: 300,
  now: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

describe("a beam in 2560 x 2160", () => {
  const samples = {
    "uint16, box of a third": sampleOf(narrow),
    "uint16, box of nearly all": sampleOf(wide),
    "uint16, much noise": sampleOf({ ...narrow, amplitude: 500, noise: 50, pedestal: 1000 }),
    "uint16, nothing but noise": sampleOf({ ...narrow, amplitude: 0, noise: 50, pedestal: 1000 }),
    "float32, box of nearly all": sampleOf({ ...wide, dtype: "float32" }),
  };
  const { pixels, columns, region } = samples["uint16, box of a third"];
  bench("projection, for comparison", () => void project(pixels, columns, region), options);
  for (const [name, sample] of Object.entries(samples)) bench(name, () => void fitBeam(sample), options);
});
