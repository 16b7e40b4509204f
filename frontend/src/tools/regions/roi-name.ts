/** Names of regions. Pure, and apart from the rest of them: the URL needs it before the first picture. */

export const LONGEST_NAME = 40;

export function cleanName(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, LONGEST_NAME);
}
