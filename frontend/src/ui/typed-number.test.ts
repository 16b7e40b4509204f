import { describe, expect, it } from "vitest";
import { typedNumber } from "./typed-number";

describe("typed numbers", () => {
  it("may have a point or a comma, and an exponent", () => {
    expect(["120", " 1.5e3 ", "0,5", "-3"].map(typedNumber)).toEqual([120, 1500, 0.5, -3]);
  });

  it("are none when they are empty, words or infinite", () => {
    expect(["", " ", "bright", "1e999", "Infinity", "1,2,3"].map(typedNumber)).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
