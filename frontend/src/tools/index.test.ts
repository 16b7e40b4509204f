import { describe, expect, it } from "vitest";
import { TOOLS } from ".";
import { TOOL_NAMES } from "./switches";

const buttons = TOOLS.flatMap((tool) => tool.buttons);

describe("the tools", () => {
  it("have a key and a name each that no other has", () => {
    expect(new Set(buttons.map(({ key }) => key)).size).toBe(buttons.length);
    expect(new Set(buttons.map(({ name }) => name)).size).toBe(buttons.length);
  });

  it("that are computed while they are on are on the page, each once", () => {
    const computed = TOOLS.filter(({ group }) => group === "computed").flatMap((tool) => tool.buttons);
    expect(computed.map(({ name }) => name).sort()).toEqual([...TOOL_NAMES].sort());
  });
});
