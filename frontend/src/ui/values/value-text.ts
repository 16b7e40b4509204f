/** A value of the stream as text: exact where it can be, and never the same for "null", "invalid" and a value. */

import type { Omitted, Scalar, UnusableChannel } from "../../contract";
import { exactNumber, formatShape, shortNumber } from "../format";

type Tone = "number" | "text" | "boolean" | "null" | "invalid" | "absent" | "omitted";

export interface ValueText {
  text: string;
  tone: Tone;
  /** all digits, or why there is no value */
  title: string;
  /** small words behind the name */
  dtype: string;
  /** the whole text where `text` is cut short */
  full: string | null;
}

/** Longer strings are cut in the row and can be expanded. */
const CUT = 48;

export function scalarText(scalar: Scalar): ValueText {
  if (scalar.state === "null") {
    return {
      text: "null",
      tone: "null",
      title: "The message lists this channel without a value.",
      dtype: "",
      full: null,
    };
  }
  if (scalar.state === "invalid") {
    return {
      text: `invalid: ${scalar.reason}`,
      tone: "invalid",
      title: `The value could not be used: ${scalar.reason}`,
      dtype: "",
      full: null,
    };
  }
  const { value, dtype } = scalar;
  if (typeof value === "string") return stringText(value);
  if (typeof value === "boolean") return plain(String(value), "boolean", dtype);
  if (typeof value === "bigint") return plain(String(value), "number", dtype);
  return { ...plain(shortNumber(value), "number", dtype), title: exactNumber(value, dtype) };
}

/** A channel of which the server says that its values cannot be used. */
export function unusableText({ reason, detail, count }: UnusableChannel): ValueText {
  return {
    text: `invalid: ${reason}`,
    tone: "invalid",
    title: `${reason}: ${detail}. ${count} values could not be used.`,
    dtype: "",
    full: `${reason}: ${detail}`,
  };
}

export function omittedText(omitted: Omitted): ValueText {
  const text = `${omitted.dtype} ${formatShape(omitted.shape)}`;
  return {
    text,
    tone: "omitted",
    title: `Not sent to this page: ${omitted.reason}`,
    dtype: omitted.reason,
    full: null,
  };
}

export const ABSENT: ValueText = {
  text: "not in this pulse",
  tone: "absent",
  title: "The message of this pulse does not list the channel.",
  dtype: "",
  full: null,
};

export const ONLY_WITH_PICTURE: ValueText = {
  text: "only with a picture",
  tone: "absent",
  title: "Arrays are sent together with a picture.",
  dtype: "",
  full: null,
};

function plain(text: string, tone: Tone, dtype: string): ValueText {
  return { text, tone, title: text, dtype, full: null };
}

function stringText(value: string): ValueText {
  if (value === "")
    return { text: "(empty)", tone: "text", title: "A string without characters.", dtype: "string", full: null };
  const line = value.replace(/\s+/g, " ").trim();
  const whole = line === value && value.length <= CUT;
  return {
    text: whole ? value : `${line.slice(0, CUT)}${line.length > CUT ? "…" : ""}`,
    tone: "text",
    title: whole ? value : "",
    dtype: "string",
    full: whole ? null : indentJson(value),
  };
}

/** Indent JSON without touching its tokens: parsing and printing again would round its large integers. */
export function indentJson(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return text;
  } catch {
    return text;
  }
  let out = "";
  let depth = 0;
  for (const token of text.match(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g) ?? []) {
    const line = (): string => `\n${"  ".repeat(depth)}`;
    if (token === "{" || token === "[") {
      depth += 1;
      out += token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + token : out + line() + token;
    } else if (token === ",") out += token + line();
    else out += token === ":" ? ": " : token;
  }
  return out;
}
