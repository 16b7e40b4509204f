/** The values of a pulse as JSON or CSV, all digits of each. Pure. */

import type { ArrayValue, DType, PulseValues, Scalar } from "../../contract";
import { exactNumber } from "../../ui/format";

/** More that is said of the pulse, in the JSON file. */
export interface Heading {
  stream: string | null;
  /** channel of the picture */
  image: string | null;
}

/**
 * JSON (RFC 8259): 64-bit integers are written with all digits, which readers with doubles round (Python's does not);
 * numbers that JSON does not have are the texts "NaN", "Infinity" and "-Infinity".
 */
export function valuesJson(values: PulseValues, { stream, image }: Heading): string {
  const { pulse, scalars, arrays, omitted } = values;
  const head: [string, string][] = [
    ["stream", JSON.stringify(stream)],
    ["image", JSON.stringify(image)],
    ["pulse_id", String(pulse.pulseId)],
    ["source_time_ns", pulse.sourceTime === null ? "null" : String(pulse.sourceTime)],
    ["receipt_time_ns", pulse.receiptTime === null ? "null" : String(pulse.receiptTime)],
  ];
  const told = (what: string, reason: string): string => `{"state": "${what}", "reason": ${JSON.stringify(reason)}}`;
  const channels: [string, string][] = [
    ...[...scalars].map(([name, scalar]): [string, string] => [
      name,
      scalar.state === "value"
        ? `{"dtype": "${scalar.dtype}", "value": ${jsonValue(scalar)}}`
        : told(scalar.state, scalar.state === "invalid" ? scalar.reason : ""),
    ]),
    ...[...arrays].map(([name, array]): [string, string] => [name, jsonArray(array)]),
    ...[...omitted].map(([name, { reason }]): [string, string] => [name, told("omitted", reason)]),
  ];
  return `${jsonObject([...head, ["channels", jsonObject(channels, "  ")]], "")}\n`;
}

/** CSV (RFC 4180): name, dtype, shape, value; the values of an array are separated by blanks. */
export function valuesCsv({ pulse, scalars, arrays, omitted }: PulseValues): string {
  const rows: string[][] = [
    ["name", "dtype", "shape", "value"],
    ["pulse_id", "uint64", "", String(pulse.pulseId)],
    ["source_time_ns", "int64", "", pulse.sourceTime === null ? "" : String(pulse.sourceTime)],
  ];
  for (const [name, scalar] of scalars) {
    rows.push(
      scalar.state === "value"
        ? [cell(name), scalar.dtype, "", csvValue(scalar)]
        : [cell(name), "", "", scalar.state === "null" ? "" : cell(`invalid: ${scalar.reason}`)],
    );
  }
  for (const [name, { dtype, shape, values, exact }] of arrays) {
    const texts =
      exact === undefined ? Array.from(values, (value) => exactNumber(value, dtype)) : Array.from(exact, String);
    rows.push([cell(name), dtype, shape.join("x"), texts.join(" ")]);
  }
  for (const [name, { dtype, shape, reason }] of omitted) {
    rows.push([cell(name), cell(dtype), shape.join("x"), cell(`not here: ${reason}`)]);
  }
  return rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");
}

type Value = Extract<Scalar, { state: "value" }>;

function jsonObject(entries: [string, string][], indent: string): string {
  if (entries.length === 0) return "{}";
  const lines = entries.map(([name, value]) => `${indent}  ${JSON.stringify(name)}: ${value}`);
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

function jsonNumber(value: number, dtype: DType): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : exactNumber(value, dtype);
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
}

function jsonValue({ dtype, value }: Value): string {
  if (typeof value === "bigint") return String(value);
  return typeof value === "number" && dtype !== "string" ? jsonNumber(value, dtype) : JSON.stringify(value);
}

function jsonArray({ dtype, shape, values, exact }: ArrayValue): string {
  const texts =
    exact === undefined ? Array.from(values, (value) => jsonNumber(value, dtype)) : Array.from(exact, String);
  return `{"dtype": "${dtype}", "shape": [${shape.join(", ")}], "values": [${texts.join(", ")}]}`;
}

function csvValue({ dtype, value }: Value): string {
  if (typeof value === "string") return cell(value);
  return typeof value === "number" ? exactNumber(value, dtype) : String(value);
}

/** Text of the stream that a spreadsheet would take for a formula gets an apostrophe before it. */
function cell(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
