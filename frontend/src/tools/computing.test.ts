import { describe, expect, it } from "vitest";
import { Analyst } from "../compute/analyst";
import type { Analysis, AnalysisWish, Sample } from "../contract";
import { fitBeam } from "./beam/compute/fit";
import { readVectors, sampleOf } from "./beam/compute/image.testing";
import { ToolBench } from "./computing";

const { recipe } = readVectors().beams.find((vector) => vector.recipe.name === "noisy")!;
const { columns, rows } = recipe;
const WISH: AnalysisWish = {
  histogram: false,
  projections: null,
  rois: [],
  levelsRoi: null,
  line: null,
  tools: ["beam"],
  axes: { x: { kind: "pixel" }, y: { kind: "pixel" } },
};

function sampleWith(content: Partial<Extract<Sample["content"], { kind: "pixels" }>> = {}): Sample {
  const pixels = Uint16Array.from(sampleOf(recipe).pixels).buffer;
  return {
    picture: 1,
    drawnAt: 0,
    pulse: { epoch: 1, sequence: 1n, pulseId: 1n, sourceTime: null, receiptTime: null },
    channel: "image",
    saturation: null,
    format: "auto",
    content: {
      kind: "pixels",
      dtype: "uint16",
      pixels,
      processed: null,
      place: { x: 0, y: 0, width: columns, height: rows, columns, rows },
      range: [0, 65535],
      ...content,
    },
  };
}

/** An analyst with nothing real around it. */
function bench(tools?: ToolBench) {
  const results: Analysis[] = [];
  const faults: string[] = [];
  let freed = 0;
  const analyst = new Analyst(
    {
      picture: { free: () => void freed++ },
      page: {
        analysis: ({ analysis }) => void results.push(analysis),
        error: ({ text }) => void faults.push(text),
      },
    },
    tools,
  );
  return { analyst, results, faults, freed: () => freed };
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000 && !condition(); turn++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(condition()).toBe(true);
}

describe("a tool in the analysis worker", () => {
  it("is loaded when it is wanted, and the picture that came meanwhile is not lost", async () => {
    const { analyst, results, freed } = bench();
    analyst.receive({ type: "wish", wish: WISH });
    analyst.receive({ type: "sample", sample: sampleWith() });
    expect([results.length, freed()]).toEqual([0, 0]);
    await until(() => freed() === 1);
    expect(results[0]!.tools.beam).toEqual(fitBeam(sampleOf(recipe)));
    // Now it is there, and the next one does not wait.
    analyst.receive({ type: "sample", sample: sampleWith() });
    expect([results.length, freed()]).toEqual([2, 2]);
  });

  it("has no result of a part of the image, and of a preview, and says so", async () => {
    const { analyst, results, freed } = bench();
    analyst.receive({ type: "wish", wish: WISH });
    const place = { x: 4, y: 0, width: columns - 4, height: rows, columns, rows };
    analyst.receive({ type: "sample", sample: sampleWith({ place }) });
    await until(() => freed() === 1);
    expect(results[0]).toMatchObject({ tools: {}, missing: "Waiting for all of the image." });
    const content = { kind: "sums", profiles: null, columns, rows, saturated: false } as const;
    analyst.receive({ type: "sample", sample: { ...sampleWith(), format: "preview", content } });
    expect(results[1]).toMatchObject({ tools: {}, missing: expect.stringContaining("A preview is chosen.") });
  });

  it("that cannot be loaded is told once, and the rest is computed; it is tried again with the next picture", async () => {
    let attempts = 0;
    const tools = new ToolBench({
      beam: () => {
        attempts++;
        return attempts < 3
          ? Promise.reject(new Error("gone"))
          : Promise.resolve(() => ({ state: "empty", reason: "x" }));
      },
    });
    const { analyst, results, faults, freed } = bench(tools);
    analyst.receive({ type: "wish", wish: { ...WISH, histogram: true } });
    for (let picture = 1; picture <= 3; picture++) {
      analyst.receive({ type: "sample", sample: sampleWith() });
      await until(() => freed() === picture);
    }
    expect(faults).toEqual(["gone"]);
    expect(results.map(({ tools: found }) => found.beam?.state)).toEqual([undefined, undefined, "empty"]);
    expect(results.every(({ histogram }) => histogram !== null)).toBe(true);
  });
});
