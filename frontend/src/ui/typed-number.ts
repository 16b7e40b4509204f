/** Numbers as a person types them. Pure. */

/** The finite number that a text is, with a point or a comma, and any minus sign; null: it is none. */
export function typedNumber(text: string): number | null {
  const plain = text.trim().replace(",", ".").replace("−", "-");
  const value = Number(plain);
  return plain === "" || !Number.isFinite(value) ? null : value;
}
