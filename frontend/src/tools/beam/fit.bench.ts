/** How long a result takes, of 5.5 megapixels: `npx vitest bench src/tools/beam`. */

import { bench, describe } from "vitest";
import { fitBeam } from "./fit";
import { type Recipe, readVectors, sampleOf } from "./image.testing";

const { beams } = readVectors();
const [narrow, wide] = ["5.5 megapixels", "5.5 megapixels, wide"].map((name) => {
  const { recipe } = beams.find((vector) => vector.recipe.name === name)!;
  return recipe;
}) as [Recipe, Recipe];

describe("a beam in 2560 x 2160", () => {
  const samples = {
    "uint16, box of a part": sampleOf(narrow),
    "uint16, box of nearly all": sampleOf(wide),
    "float32, box of nearly all": sampleOf({ ...wide, dtype: "float32" }),
    "uint16, much noise": sampleOf({ ...narrow, amplitude: 500, noise: 50, pedestal: 1000 }),
    "uint16, nothing but noise": sampleOf({ ...narrow, amplitude: 0, noise: 50, pedestal: 1000 }),
  };
  for (const [name, sample] of Object.entries(samples)) {
    bench(name, () => void fitBeam(sample), { time: 1500, warmupTime: 500 });
  }
});
