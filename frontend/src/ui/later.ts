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
export class LatePart<Module, Part> {
  private readonly load: () => Promise<Module>;
  private readonly make: (module: Module) => Part;
  private readonly failing: () => void;
  private asked = false;
  private failures = 0;
  private there: Part | null = null;
  /** what was last wanted of it before it was there */
  private waiting: ((part: Part) => void) | null = null;

  /** `make` is called once; `failing`: it failed several times in a row, said once. */
  constructor(load: () => Promise<Module>, make: (module: Module) => Part, failing: () => void) {
    this.load = load;
    this.make = make;
    this.failing = failing;
  }

  /** null: it is not there yet */
  get part(): Part | null {
    return this.there;
  }

  /** May be called as often as one likes. */
  ask(): void {
    if (this.asked) return;
    this.asked = true;
    later(this.load).then(
      (module) => this.take(module),
      () => {
        this.asked = false;
        this.failures += 1;
        if (this.failures === PATIENCE) this.failing();
      },
    );
  }

  /** Uses it now, or once it is loaded, which need not wait for anything else then. */
  use(what: (part: Part) => void): void {
    if (this.there !== null) return what(this.there);
    this.waiting = what;
    this.ask();
  }

  private take(module: Module): void {
    const part = this.make(module);
    this.there = part;
    this.waiting?.(part);
    this.waiting = null;
  }
}
