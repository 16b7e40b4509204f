/** Numbers, times and sizes as text. No Intl with the browser's locale: its tag may be invalid, its digits others. */

import type { DType } from "../contract";

const FIGURES = 6;
const FIGURES_OF_LARGE = 10;

/** A number for reading: six significant figures, ten for large ones (times in seconds), whole numbers up to 1e15. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e7) return value.toPrecision(FIGURES);
  if (size >= 1e7 && size < 1e10) return value.toPrecision(FIGURES_OF_LARGE);
  return value.toExponential(FIGURES - 1);
}

/** As shortNumber, without the zeros at the end. */
export function compactNumber(value: number): string {
  return Number.isFinite(value)
    ? shortNumber(value)
        .replace(/(\.\d*?)0+(e|$)/, "$1$2")
        .replace(/\.(e|$)/, "$1")
    : shortNumber(value);
}

/** A number in so many characters: it loses figures, never a part of its exponent; longer where even one figure is. */
export function fittedNumber(value: number, text: string, most: number): string {
  for (let figures = 12; text.length > most && figures > 0; figures -= 1) {
    const plain = String(Number(value.toPrecision(figures)));
    const power = value
      .toExponential(figures - 1)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
    const short = power.length < plain.length ? power : plain;
    if (short.length <= most || figures === 1) return short;
  }
  return text;
}

/** Two numbers in so many characters each, or in as many more as tell them apart. */
export function fittedNumbers(values: [number, number], texts: [string, string], most: number): [string, string] {
  for (let room = most; ; room += 1) {
    const found = [fittedNumber(values[0], texts[0], room), fittedNumber(values[1], texts[1], room)] as [
      string,
      string,
    ];
    if (found[0] !== found[1] || room >= Math.max(texts[0].length, texts[1].length)) return found;
  }
}

/** The shortest decimal that gives the same number back in its own type. */
export function exactNumber(value: number, dtype: DType | "string"): string {
  if (!Number.isFinite(value) || Object.is(value, -0)) return shortNumber(value);
  if (dtype !== "float32") return String(value);
  for (let figures = 1; figures < 9; figures += 1) {
    const text = value.toPrecision(figures);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** Bytes in decimal units, three figures. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit] ?? ""}`;
}

/** Events a second: two decimals below one, so that 0.05 Hz is not shown as zero. */
export function formatRate(rate: number): string {
  if (!(rate > 0)) return "0.0";
  if (rate < 1) return rate.toFixed(2);
  return rate < 1000 ? rate.toFixed(1) : rate.toFixed(0);
}

/** Duration with a tenth of a second below a minute. */
export function formatAge(seconds: number): string {
  return seconds < 59.95 ? `${Math.max(0, seconds).toFixed(1)} s` : formatDuration(seconds);
}

/** Duration in whole seconds, then minutes, hours and days. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
  return `${Math.floor(whole / 86400)} d ${two(Math.floor(whole / 3600) % 24)} h`;
}

export function formatMilliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** rows x columns, as the field writes it. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 1 ? `[${shape[0]}]` : shape.join(" × ");
}

export interface LocalTime {
  date: string;
  /** hours, minutes, seconds and milliseconds */
  time: string;
  zone: string;
}

let zoneFormat: Intl.DateTimeFormat | undefined;

function zoneName(date: Date): string {
  zoneFormat ??= new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });
  return zoneFormat.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** Milliseconds since 1970 in the local time zone; null when they lie outside what a Date can hold. */
export function localTime(ms: number): LocalTime | null {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return null;
  const pad = (value: number, length = 2): string => String(value).padStart(length, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part)).join(":");
  return {
    date: `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`,
    time: `${clock}.${pad(date.getMilliseconds(), 3)}`,
    zone: zoneName(date),
  };
}

/** Whole milliseconds of a time in nanoseconds, rounded down. */
export function wholeMilliseconds(ns: bigint): number {
  const quotient = ns / 1_000_000n;
  return Number(ns % 1_000_000n < 0n ? quotient - 1n : quotient);
}

/** Date, time with nine decimals and zone; the number itself where a Date cannot hold it. */
export function nanosecondTime(ns: bigint): string {
  const local = localTime(wholeMilliseconds(ns));
  if (local === null) return `${ns} ns since 1970`;
  const rest = ((ns % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return `${local.date} ${local.time}${String(rest).padStart(6, "0")} ${local.zone}`;
}

/** Hours, minutes and seconds of the local day. */
export function clockTime(ms: number): string {
  return localTime(ms)?.time.slice(0, 8) ?? "";
}
