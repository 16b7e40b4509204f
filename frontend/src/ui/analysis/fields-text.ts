/** What a person typed, as numbers. Pure. */

/** The number that a text is, with a point or a comma; null: it is none. */
export function numberOf(text: string): number | null {
  const value = Number(text.trim().replace(",", ".") || "x");
  return Number.isFinite(value) ? value : null;
}
