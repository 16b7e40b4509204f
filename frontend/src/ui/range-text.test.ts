import { describe, expect, it } from "vitest";
import { rangeText } from "./picture-tools";

describe("the range of an image", () => {
  it("says where doubles do not hold 64-bit integers, and tells neighbours apart", () => {
    expect(rangeText([0, 4095], "int64")).toBe("0 … 4095");
    expect(rangeText([2 ** 60, 2 ** 60 + 256], "int64")).toBe("≈ 1152921504606847000 … 1152921504606847200");
    expect(rangeText([2 ** 60, 2 ** 60], "int64")).toBe("≈ 1152921504606847000");
    expect(rangeText([1000, 2393], "uint16")).toBe("1000 … 2393");
    expect(rangeText([0.1234567, 0.12345671], "float64")).toBe("0.1234567 … 0.12345671");
  });
});
