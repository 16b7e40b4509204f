import { describe, expect, it } from "vitest";
import { clockText } from "./clock-text";

const NOW = 1_700_000_000_000_000_000n;
const seconds = (value: number): bigint => BigInt(Math.round(value * 1e9));

describe("the source's time", () => {
  it("needs no word while it is near the server's clock", () => {
    expect(clockText(NOW - seconds(1.9), NOW)).toBeNull();
    expect(clockText(NOW + seconds(1.9), NOW)).toBeNull();
    expect(clockText(null, NOW)).toBeNull();
    expect(clockText(NOW, null)).toBeNull();
  });

  it.each([
    [2.5, "source’s time 2.5 s behind"],
    [-2.5, "source’s time 2.5 s ahead"],
    [-3720, "source’s time 1 h 02 min ahead"],
    [86_400 * 40, "source’s time 40 days behind"],
    [86_400 * 365.25 * 9.04, "source’s time 9.0 years behind"],
    [86_400 * 365.25 * 53.6, "source’s time 54 years behind"],
  ])("is told when it is %d s apart", (apart, note) => {
    expect(clockText(NOW - seconds(apart), NOW)?.note).toBe(note);
  });

  it("is no age: that counts from the receipt", () => {
    expect(clockText(NOW - seconds(7), NOW)?.sentence).toBe(
      "The source’s time is 7.0 s behind the server’s clock. A clock is wrong, or the picture was so long on its way to the server. The age counts from the receipt.",
    );
    expect(clockText(NOW + seconds(7), NOW)?.sentence).toContain("7.0 s ahead of the server’s clock. A clock is wrong");
  });
});
