import type { Analysis } from "../../contract";

const SOURCES: Record<Analysis["source"], string> = {
  pixels: "exact pixels",
  server: "the server's exact sums",
  processed: "processed pixels",
};

/** Of what the results were computed, in words. */
export function sourceText(analysis: Analysis): string {
  return SOURCES[analysis.source];
}
