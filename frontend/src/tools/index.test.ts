import { describe, expect, it } from "vitest";
import { TOOLS } from ".";
import { TOOL_NAMES } from "./switches";

describe("the tools", () => {
  it("are on the page and in the settings, each once and with a key of its own", () => {
    expect(TOOLS.map(({ name }) => name).sort()).toEqual([...TOOL_NAMES].sort());
    expect(new Set(TOOLS.map(({ key }) => key)).size).toBe(TOOLS.length);
  });
});
