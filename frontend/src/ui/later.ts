/** Parts of the page that are loaded when the first picture is there. */

/** The first pictures have the network and the processor for themselves. */
const QUIET_MS = 400;

/** Loads a part after a while. @returns a promise as `load` gives it */
export function later<Part>(load: () => Promise<Part>): Promise<Part> {
  return new Promise((resolve) => window.setTimeout(resolve, QUIET_MS)).then(load);
}
