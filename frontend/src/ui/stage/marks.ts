/** What is marked on the picture and may be chosen: one of them at a time is removed, or all are let go. */

export interface Mark {
  /** Removes what was set, moved or clicked last; false: nothing was. */
  removeChosen(): boolean;
  /** Nothing is chosen any more. */
  letGo(): void;
  /** what it measures, for the line below the picture; "": nothing */
  readonly measured: string;
}

export class Marks {
  private readonly list: Mark[] = [];

  /** What comes first is asked first. */
  add(mark: Mark): void {
    this.list.push(mark);
  }

  removeChosen(): boolean {
    return this.list.some((mark) => mark.removeChosen());
  }

  letGo(): void {
    for (const mark of this.list) mark.letGo();
  }

  get measured(): string {
    for (const { measured } of this.list) if (measured !== "") return measured;
    return "";
  }
}
