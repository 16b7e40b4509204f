import { describe, expect, it } from "vitest";
import { indentJson, omittedText, scalarText, unusableText } from "./value-text";

describe("a scalar", () => {
  it("is exact for 64-bit integers", () => {
    expect(scalarText({ state: "value", dtype: "uint64", value: 18446744073709551615n }).text).toBe(
      "18446744073709551615",
    );
    expect(scalarText({ state: "value", dtype: "int64", value: -9007199254740993n }).text).toBe("-9007199254740993");
  });

  it("is short in the row and whole in its title", () => {
    expect(scalarText({ state: "value", dtype: "float64", value: 5.234170987654321 })).toMatchObject({
      text: "5.23417",
      title: "5.234170987654321",
      dtype: "float64",
    });
  });

  it("tells null, invalid, an empty string, NaN and false apart", () => {
    const texts = [
      scalarText({ state: "null" }),
      scalarText({ state: "invalid", reason: "wrong length" }),
      scalarText({ state: "value", dtype: "string", value: "" }),
      scalarText({ state: "value", dtype: "float64", value: NaN }),
      scalarText({ state: "value", dtype: "bool", value: false }),
    ];
    expect(texts.map((text) => text.text)).toEqual(["null", "invalid: wrong length", "(empty)", "NaN", "false"]);
    expect(texts.map((text) => text.tone)).toEqual(["null", "invalid", "text", "number", "boolean"]);
  });

  it("tells the word null in a string from no value", () => {
    expect(scalarText({ state: "value", dtype: "string", value: "null" }).tone).toBe("text");
  });

  it("cuts a long string and keeps the whole", () => {
    const text = scalarText({ state: "value", dtype: "string", value: "x".repeat(5000) });
    expect(text.text.length).toBeLessThan(60);
    expect(text.full).toBe("x".repeat(5000));
  });

  it("shows a string with lines on one", () => {
    expect(scalarText({ state: "value", dtype: "string", value: "a\nb" })).toMatchObject({ text: "a b", full: "a\nb" });
  });
});

describe("an array that is not sent", () => {
  it("has its type, rows, columns and the reason", () => {
    const text = omittedText({ dtype: "uint16", shape: [2160, 2560], reason: "another image" });
    expect(text.text).toBe("uint16 2160 × 2560");
    expect(text.title).toContain("another image");
  });
});

describe("a channel that cannot be used", () => {
  it("has the reason in its row, and all of it where it is unfolded", () => {
    const detail = "unknown compression 'zstd'";
    const text = unusableText({
      name: "cam",
      position: 0,
      reason: "compression",
      detail,
      image: true,
      count: 3,
      age_s: 0,
    });
    expect(text).toMatchObject({ text: "invalid: compression", tone: "invalid", full: `compression: ${detail}` });
    expect(text.title).toContain("3 values");
  });
});

describe("indentJson", () => {
  it("indents without touching a token", () => {
    const text = '{"a":12345678901234567890,"b":[1.10,{}],"c":"x, {y}: [\\"z\\"]","d":[]}';
    const indented = indentJson(text);
    expect(indented).toBe(
      '{\n  "a": 12345678901234567890,\n  "b": [\n    1.10,\n    {}\n  ],\n  "c": "x, {y}: [\\"z\\"]",\n  "d": []\n}',
    );
    expect(indented.replace(/\n\s*/g, "").replace(/": /g, '":')).toBe(text);
  });

  it.each(["no JSON", "{broken", "12", '"text"', "null"])("leaves %s as it is", (text) => {
    expect(indentJson(text)).toBe(text);
  });
});
