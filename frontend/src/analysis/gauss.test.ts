import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fitGauss, gaussMark } from "./gauss";
import { moments } from "../tools/projections/compute/moments";

interface Case {
  name: string;
  kind: "beam" | "wide" | "nothing" | "empty";
  origin: number;
  step: number;
  profile: string;
  fit: [number, number, number, number] | null;
  errors: [number, number, number, number] | null;
  moments: [number, number] | null;
}

const read = (name: string) => {
  const file = new URL(`../../../tests/vectors/analysis/${name}`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as Case[]).map(decoded);
};

function decoded(entry: Case, index: number) {
  const bytes = Uint8Array.from(Buffer.from(entry.profile, "base64"));
  const profile = Float64Array.from(new Float32Array(bytes.buffer));
  const axis = profile.map((_, at) => entry.origin + entry.step * at);
  return { ...entry, label: `${index}: ${entry.name}`, profile, axis };
}

const cases = read("fits.json");
const wide = read("wide-fits.json");

/** Whether what scipy found is a peak of the data, from its numbers alone. */
function isSound({ fit, errors, axis, step, profile }: (typeof cases)[number]): boolean {
  if (fit === null || errors === null) return false;
  const [, amplitude, mean, sigma] = fit;
  const length = Math.abs(step) * axis.length;
  const inside = Math.abs(mean - (axis[0]! + axis[axis.length - 1]!) / 2) < 0.75 * length;
  const height = Math.max(...profile) - Math.min(...profile);
  return (
    inside &&
    sigma < length / 2 &&
    sigma > 0.3 * Math.abs(step) &&
    amplitude > 0 &&
    amplitude < 5 * height &&
    errors[1] < amplitude / 5 &&
    errors[3] < sigma / 3
  );
}

function bell(size: number, offset: number, amplitude: number, mean: number, sigma: number): Float64Array {
  return new Float64Array(size).map((_, x) => offset + amplitude * Math.exp(-0.5 * ((x - mean) / sigma) ** 2));
}

const pixels = (size: number) => new Float64Array(size).map((_, at) => at);

describe("Gaussian fits", () => {
  it("have enough profiles to be compared with scipy", () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(cases.filter((one) => one.kind === "beam" && isSound(one)).length).toBeGreaterThan(150);
  });

  it.each(cases.filter((one) => one.kind === "beam" && isSound(one)))("agree with curve_fit ($label)", (one) => {
    const found = fitGauss(one.profile, one.axis);
    const [offset, amplitude, mean, sigma] = one.fit!;
    expect(found).toMatchObject({ state: "converged", reason: null });
    expect(Math.abs(found.mean! - mean)).toBeLessThan(1e-5 * sigma);
    expect(Math.abs(found.sigma! - sigma)).toBeLessThan(1e-5 * sigma);
    expect(Math.abs(found.amplitude! - amplitude)).toBeLessThan(1e-5 * amplitude);
    expect(Math.abs(found.offset! - offset)).toBeLessThan(1e-5 * amplitude);
    const [, height] = one.fit!;
    const scales = [height, height, sigma, sigma];
    one.errors!.forEach((error, at) =>
      expect(Math.abs(found.errors![at]! - error)).toBeLessThan(1e-3 * error + 1e-7 * scales[at]!),
    );
  });

  it.each(cases.filter((one) => one.kind === "beam" && !isSound(one)))(
    "are scipy's or none where a beam is hard to see ($label)",
    (one) => {
      const found = fitGauss(one.profile, one.axis);
      if (found.state === "converged") {
        expect(one.fit).not.toBeNull();
        expect(Math.abs(found.mean! - one.fit![2])).toBeLessThan(1e-3 * one.fit![3]);
        expect(Math.abs(found.sigma! - one.fit![3])).toBeLessThan(1e-3 * one.fit![3]);
      } else {
        expect([found.offset, found.amplitude, found.mean, found.sigma, found.errors]).toEqual(Array(5).fill(null));
      }
    },
  );

  it.each(cases.filter((one) => one.kind !== "beam"))("have no numbers without a beam ($label)", (one) => {
    const found = fitGauss(one.profile, one.axis);
    expect(found.state).toBe(one.kind === "empty" ? "empty" : "failed");
    expect(found.reason).toMatch(/^[A-Z].*\.$/);
    expect(found).toMatchObject({ offset: null, amplitude: null, mean: null, sigma: null, errors: null });
  });

  it.each(wide)(
    "of a beam that is wider than the picture are scipy's, or the width is not determined ($label)",
    (one) => {
      const found = fitGauss(one.profile, one.axis);
      const known =
        one.fit !== null &&
        one.errors !== null &&
        one.errors[3] < 0.45 * one.fit[3] &&
        one.errors[1] < 0.45 * one.fit[1];
      if (!known) {
        expect(found).toMatchObject({ state: "failed", sigma: null });
        expect(found.reason).toBe("The beam is as wide as the profile or wider: its width is not determined.");
        return;
      }
      expect(found).toMatchObject({ state: "converged", reason: null });
      const [offset, amplitude, mean, sigma] = one.fit!;
      expect(Math.abs(found.mean! - mean)).toBeLessThan(1e-4 * sigma);
      expect(Math.abs(found.sigma! - sigma)).toBeLessThan(1e-4 * sigma);
      expect(Math.abs(found.amplitude! - amplitude)).toBeLessThan(1e-4 * amplitude);
      expect(Math.abs(found.offset! - offset)).toBeLessThan(1e-4 * amplitude);
      one.errors!.forEach((error, at) =>
        expect(Math.abs(found.errors![at]! - error)).toBeLessThan(1e-2 * error + 1e-7 * sigma),
      );
      expect(gaussMark(one.profile, found, one.axis, false)).toBe("clipped");
    },
  );

  it("of wide beams are known ones and undetermined ones", () => {
    const states = wide.map(({ profile, axis }) => fitGauss(profile, axis).state);
    expect(states.filter((state) => state === "converged").length).toBeGreaterThan(20);
    expect(states.filter((state) => state === "failed").length).toBeGreaterThan(3);
  });

  it("find the parameters of exact values on rising and on descending axes of any unit", () => {
    const profile = bell(300, -4, 70, 123.25, 9.5);
    for (const [origin, step] of [
      [0, 1],
      [-2e6, 8.25],
      [500, -0.01],
      [1e-9, 1e-12],
    ] as const) {
      const found = fitGauss(
        profile,
        pixels(300).map((x) => origin + step * x),
      );
      expect(found.state).toBe("converged");
      expect((found.mean! - origin) / step).toBeCloseTo(123.25, 4);
      expect(found.sigma! / Math.abs(step)).toBeCloseTo(9.5, 4);
      expect(found.amplitude).toBeCloseTo(70, 6);
      expect(found.offset).toBeCloseTo(-4, 6);
      expect(found.errors!.every((error) => error >= 0 && error < 1e-4)).toBe(true);
    }
  });

  it("find a beam on an axis of unequal steps", () => {
    const axis = pixels(200).map((x) => x + (x * x) / 400);
    const found = fitGauss(
      axis.map((x) => 3 + 50 * Math.exp(-0.5 * ((x - 110) / 12) ** 2)),
      axis,
    );
    expect(found.mean).toBeCloseTo(110, 6);
    expect(found.sigma).toBeCloseTo(12, 6);
  });

  it("do not depend on the unit of the values", () => {
    const profile = bell(120, 1, 5, 50, 8).map((value, at) => value + 0.1 * Math.sin(at * at));
    const small = fitGauss(
      profile.map((value) => value * 1e-150),
      pixels(120),
    );
    const large = fitGauss(
      profile.map((value) => value * 1e150),
      pixels(120),
    );
    expect(small.state).toBe("converged");
    expect(small.sigma).toBeCloseTo(large.sigma!, 10);
    expect(small.errors![0] * 1e150).toBeCloseTo(large.errors![0] / 1e150, 10);
  });

  it("say what is wrong with a beam of one pixel, an overflow and an axis without length", () => {
    const one = new Float64Array(100);
    one[40] = 1000;
    expect(fitGauss(one, pixels(100))).toMatchObject({ state: "failed", reason: "The peak is narrower than a pixel." });
    const huge = new Float64Array(100).fill(-Number.MAX_VALUE);
    huge[40] = Number.MAX_VALUE;
    expect(fitGauss(huge, pixels(100)).state).toBe("failed");
    expect(fitGauss(bell(100, 0, 5, 50, 8), new Float64Array(100)).state).toBe("failed");
    expect(fitGauss(new Float64Array(0), new Float64Array(0)).state).toBe("empty");
  });

  it("find no beam in white noise of any length", () => {
    let state = 77;
    const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) + 1) / (2 ** 32 + 1);
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    for (const size of [8, 16, 40, 100, 400, 1500]) {
      let converged = 0;
      for (let round = 0; round < 100; round++) {
        const profile = new Float64Array(size).map(normal);
        if (fitGauss(profile, pixels(size)).state === "converged") converged++;
      }
      expect(converged, `${size} points`).toBeLessThanOrEqual(1);
    }
  }, 60_000);
});

describe("marks of a fit", () => {
  const mark = (profile: Float64Array, saturated = false, direction = 1) => {
    const axis = pixels(profile.length).map((x) => direction * x);
    return gaussMark(profile, fitGauss(profile, axis), axis, saturated);
  };

  it("doubt a beam that is cut off or saturated, on rising and descending axes", () => {
    for (const direction of [1, -1]) {
      expect(mark(bell(100, 0, 5, 50, 8), false, direction)).toBeNull();
      expect(mark(bell(100, 0, 5, 9, 8), false, direction)).toBeNull();
      expect(mark(bell(100, 0, 5, 7, 8), false, direction)).toBe("clipped");
      expect(mark(bell(100, 0, 5, 94, 8), false, direction)).toBe("clipped");
      expect(mark(bell(100, 0, 5, -2, 8), false, direction)).toBe("clipped");
    }
    expect(mark(bell(100, 0, 5, 50, 8), true)).toBe("saturated");
  });

  it("doubt a profile that is highest at its end, and say nothing of one without a fit", () => {
    const profile = bell(100, 0, 5, 50, 8);
    const fit = fitGauss(profile, pixels(100));
    for (const end of [0, 99]) {
      const other = profile.with(end, 5.5);
      expect(gaussMark(other, fit, pixels(100), false)).toBe("clipped");
    }
    expect(mark(new Float64Array(100))).toBeNull();
  });
});

describe("moments", () => {
  it.each(cases.filter((one) => one.moments !== null))("agree with numpy ($label)", (one) => {
    const { com, rms } = moments(one.profile, one.axis);
    const length = Math.abs(one.step) * one.axis.length;
    expect(Math.abs(com! - one.moments![0])).toBeLessThan(1e-9 * length + 1e-11 * Math.abs(com!));
    expect(Math.abs(rms! - one.moments![1])).toBeLessThan(1e-9 * length + 1e-11 * rms!);
  });
});
