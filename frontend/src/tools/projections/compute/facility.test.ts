import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { gaussOf, type Peak } from "../../../analysis/gauss";
import { facilityMoments, fullWidth } from "./moments";
import { readNpz } from "../../../analysis/npz.testing";
import { project } from "../../../analysis/project";

/** What the facility's processing server itself gave for these frames; see the README.md there. */
const FOLDER = new URL("../../../../../tests/vectors/cam_server/", import.meta.url);

type Outputs = Record<string, unknown>;

const messages = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".npz"))
  .sort()
  .flatMap((name) => {
    const file = readNpz(new URL(name, FOLDER));
    const parsed = JSON.parse(file.get("outputs")!.text) as Outputs | Outputs[];
    const all = Array.isArray(parsed) ? parsed : [parsed];
    const sent = file.get("output_images") ?? file.get("output_image") ?? file.get("image")!;
    const [rows, columns] = sent.shape.slice(-2) as [number, number];
    return all
      .map((outputs, at) => {
        const pixels = sent.values.subarray(at * rows * columns, (at + 1) * rows * columns);
        return {
          label: `${name} ${at}`,
          name: name.replace(".npz", ""),
          outputs,
          pixels,
          rows,
          columns,
          float32: sent.dtype === "<f4",
        };
      })
      .filter(({ outputs }) => "x_profile" in outputs);
  });

const number = (outputs: Outputs, name: string): number => Number(outputs[name]);
const array = (outputs: Outputs, name: string): Float64Array => Float64Array.from(outputs[name] as number[]);
/** Positions are float32 in the stream. */
const axisOf = (outputs: Outputs, name: string): Float64Array => array(outputs, name).map(Math.fround);
const serverPeak = (outputs: Outputs, name: string): Peak => ({
  offset: number(outputs, `${name}_fit_offset`),
  mean: number(outputs, `${name}_fit_mean`),
  sigma: number(outputs, `${name}_fit_standard_deviation`),
  converged: true,
});

describe("the facility's processing server", () => {
  it("gave numbers for all its steps", () => expect(new Set(messages.map(({ name }) => name)).size).toBe(30));

  it.each(messages)("has these sums ($label)", ({ outputs, pixels, rows, columns, float32 }) => {
    const sums = project(pixels, columns, { x: 0, y: 0, width: columns, height: rows });
    for (const name of ["x", "y"] as const) {
      const expected = array(outputs, `${name}_profile`);
      expect(sums[name].length).toBe(expected.length);
      // float32 images are summed in float32 there.
      sums[name].forEach((sum, at) =>
        expect(Math.abs(sum - expected[at]!)).toBeLessThanOrEqual((float32 ? 1e-6 : 1e-13) * Math.abs(expected[at]!)),
      );
    }
  });

  it.each(messages)("has these moments of its own fit, and these widths ($label)", ({ name: file, outputs }) => {
    for (const name of ["x", "y"] as const) {
      const profile = array(outputs, `${name}_profile`);
      const axis = axisOf(outputs, `${name}_axis`);
      const peak = serverPeak(outputs, name);
      const { com, rms, fwhm } = facilityMoments(profile, axis, peak);
      const parameters = JSON.parse(outputs["processing_parameters"] as string) as { fw_threshold?: number };
      if (file === "zeros") {
        // There its numbers are leftovers.
        expect([com, rms, fwhm]).toEqual([null, null, null]);
        continue;
      }
      expect(Math.abs(com! - number(outputs, `${name}_center_of_mass`))).toBeLessThan(1e-9 * peak.sigma);
      expect(Math.abs(rms! - number(outputs, `${name}_rms`))).toBeLessThan(1e-9 * rms!);
      const widest = number(outputs, `${name}_fwhm`);
      expect(Math.abs(fwhm! - widest)).toBeLessThan(1e-6 * widest);
      if (parameters.fw_threshold === undefined) continue;
      const full = number(outputs, `${name}_fw`);
      expect(Math.abs(fullWidth(profile, axis, parameters.fw_threshold)!.width - full)).toBeLessThan(1e-6 * full);
    }
  });

  it.each(messages.filter(({ name }) => name !== "zeros" && name !== "noise_only"))(
    "has these fits, and the moments that follow from them ($label)",
    ({ outputs }) => {
      const prefixes = ["x", "y", ...(outputs["good_region"] ? ["gr_x", "gr_y"] : [])];
      for (const prefix of prefixes) {
        const profile = array(outputs, `${prefix}_profile`);
        const axis = axisOf(outputs, `${prefix}_axis`);
        const expected = serverPeak(outputs, prefix);
        const { fit, peak } = gaussOf(profile, axis);
        expect(fit).toMatchObject({ state: "converged", reason: null });
        const amplitude = number(outputs, `${prefix}_fit_amplitude`);
        expect(Math.abs(fit.mean! - expected.mean)).toBeLessThan(1e-5 * expected.sigma);
        expect(Math.abs(fit.sigma! - expected.sigma)).toBeLessThan(1e-5 * expected.sigma);
        expect(Math.abs(fit.amplitude! - amplitude)).toBeLessThan(1e-5 * amplitude);
        expect(Math.abs(fit.offset! - expected.offset)).toBeLessThan(1e-5 * amplitude);
        if (prefix.startsWith("gr")) continue;
        const { com, rms } = facilityMoments(profile, axis, peak);
        expect(Math.abs(com! - number(outputs, `${prefix}_center_of_mass`))).toBeLessThan(1e-5 * expected.sigma);
        expect(Math.abs(rms! - number(outputs, `${prefix}_rms`))).toBeLessThan(1e-5 * expected.sigma);
      }
    },
  );
});
