import { describe, expect, it } from "vitest";
import { signed, withError } from "./uncertain";

describe("a number with its uncertainty", () => {
  it.each([
    [12.34567, 0.02145, "12.346 ± 0.021"],
    [512.3, 0.0996, "512.30 ± 0.10"],
    [512.34, 1.26, "512.3 ± 1.3"],
    [512.34, 12.6, "512 ± 13"],
    [51234, 1260, "51234 ± 1300"],
    [-3.21, 0.5, "-3.21 ± 0.50"],
    [0, 0.01, "0.000 ± 0.010"],
  ])("%d with %d is %s", (value, error, text) => {
    expect(withError(value, error)).toBe(text);
  });

  it("takes a power of ten out of what is very large or small", () => {
    expect(withError(1.23456e9, 4.5e6)).toBe("(1.2346 ± 0.0045)e9");
    expect(withError(1.5e-6, 2e-7)).toBe("(1.50 ± 0.20)e-6");
  });

  it("stands alone without an uncertainty that makes sense", () => {
    expect(withError(12.5, null)).toBe("12.5");
    expect(withError(12.5, Number.NaN)).toBe("12.5");
    expect(withError(12.5, Infinity)).toBe("12.5");
    expect(withError(12.5, 0)).toBe("12.5");
  });
});

describe("a difference", () => {
  it("has a sign", () => {
    expect(signed(0.1234567, 4)).toBe("+0.1235");
    expect(signed(-2, 4)).toBe("−2");
    expect(signed(0, 4)).toBe("0");
  });
});
