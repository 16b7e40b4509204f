import { describe, expect, it } from "vitest";
import { receivedShare, receivingText } from "./sending";

describe("an image that is being received", () => {
  it("says its size, how much has come, and for how long", () => {
    const sending = { bytes: 11_059_200, received: 4_700_000, at: 1000 };
    expect(receivingText(sending, 5200)).toBe("receiving 11.1 MB: 42 %, 4 s");
  });

  it("claims no share where it comes as one message", () => {
    const sending = { bytes: 11_059_200, received: 0, at: 1000 };
    expect(receivedShare(sending)).toBe("");
    expect(receivingText(sending, 5200)).toBe("receiving 11.1 MB, 4 s");
  });
});
