/** A part of the settings as parameters of the URL. */

import type { Settings } from "../settings";

export interface UrlSection {
  /** Its part of the settings, whole: what is missing or broken is as by default. */
  read(parameters: URLSearchParams): Partial<Settings>;
  /** Sets what differs from the defaults. */
  write(settings: Settings, parameters: URLSearchParams): void;
}

/** So many finite numbers between commas; null if it is anything else. */
export function finiteNumbers(text: string | null, count: number): number[] | null {
  if (text === null) return null;
  const parts = text.split(",");
  if (parts.length !== count || parts.some((part) => part.trim() === "")) return null;
  const values = parts.map(Number);
  return values.every(Number.isFinite) ? values : null;
}
