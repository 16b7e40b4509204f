/** Parts of the page that are loaded when the first picture is there. */

/** The first pictures have the network and the processor for themselves. */
const QUIET_MS = 250;
/** So often in a row may loading fail before it is said. */
const PATIENCE = 5;

/** Loads a part after a while. @returns a promise as `load` gives it */
export function later<Part>(load: () => Promise<Part>): Promise<Part> {
  return new Promise((resolve) => window.setTimeout(resolve, QUIET_MS)).then(load);
}

/** Loads a part once it is asked for, and again when that failed: the server may be away for a moment. */
export class LatePart<Part> {
  private readonly load: () => Promise<Part>;
  private readonly loaded: (part: Part) => void;
  private readonly failing: () => void;
  private asked = false;
  private failures = 0;

  /** `failing`: it failed several times in a row, said once. */
  constructor(load: () => Promise<Part>, loaded: (part: Part) => void, failing: () => void) {
    this.load = load;
    this.loaded = loaded;
    this.failing = failing;
  }

  /** May be called as often as one likes. */
  ask(): void {
    if (this.asked) return;
    this.asked = true;
    later(this.load).then(this.loaded, () => {
      this.asked = false;
      this.failures += 1;
      if (this.failures === PATIENCE) this.failing();
    });
  }
}
