import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS as DEFAULT } from "../../ui/settings";
import { ALL_STREAM_PARTS } from "./stream-parts";
import { formatHash, parseHash } from "../../ui/settings/address";

describe("what is drawn of the stream's own results, in the URL", () => {
  it.each([
    [{ ...ALL_STREAM_PARTS }, ""],
    [{ profiles: true, fit: false, region: true, slices: false, centre: false }, "#stream=profiles,region"],
    [{ profiles: false, fit: false, region: false, slices: false, centre: false }, "#stream=none"],
  ])("is written and read: %s", (stream, hash) => {
    expect(formatHash({ ...DEFAULT, stream })).toBe(hash);
    expect(parseHash(hash).stream).toEqual(stream);
  });

  it.each(["#stream=", "#stream=everything", "#stream=__proto__,constructor"])("is all for %s", (hash) => {
    expect(parseHash(hash)).toEqual(DEFAULT);
  });

  it("leaves out what is not known", () => {
    expect(parseHash("#stream=fit,more").stream).toEqual({
      profiles: false,
      fit: true,
      region: false,
      slices: false,
      centre: false,
    });
  });
});
