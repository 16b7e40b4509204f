import { describe, expect, it } from "vitest";
import { matchesFilter, mergeOrder } from "./table-order";

describe("mergeOrder", () => {
  it("takes the stream's order", () => {
    expect(mergeOrder([], ["b", "a", "c"])).toEqual(["b", "a", "c"]);
  });

  it("puts a new channel behind the one before it", () => {
    expect(mergeOrder(["a", "c"], ["a", "b", "c"])).toEqual(["a", "b", "c"]);
    expect(mergeOrder(["b"], ["a", "b"])).toEqual(["a", "b"]);
  });

  it("keeps the place of absent channels", () => {
    expect(mergeOrder(["a", "b", "c"], ["a", "c", "d"])).toEqual(["a", "b", "c", "d"]);
  });

  it("does not move rows when the stream changes its order", () => {
    expect(mergeOrder(["a", "b", "c"], ["c", "a", "b"])).toEqual(["a", "b", "c"]);
  });
});

describe("matchesFilter", () => {
  it("needs every word, in any case and order", () => {
    expect(matchesFilter("SARES20-CAMS142:x_fit_mean", "fit sares")).toBe(true);
    expect(matchesFilter("SARES20-CAMS142:x_fit_mean", "fit rms")).toBe(false);
    expect(matchesFilter("anything", "")).toBe(true);
  });
});
