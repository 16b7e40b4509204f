/** Steps that can be taken back and done again. Pure. */

/** So many steps are kept. */
const MOST = 100;

export class History<State> {
  private readonly past: State[] = [];
  private readonly future: State[] = [];
  private group: string | null = null;

  /** Something changed: `before` is how it was. Steps in a row with the same group are one; null: alone. */
  record(before: State, group: string | null): void {
    this.future.length = 0;
    if (group !== null && group === this.group) return;
    this.group = group;
    this.past.push(before);
    if (this.past.length > MOST) this.past.shift();
  }

  /** How it was before the last step; null: there is none. */
  undo(now: State): State | null {
    return this.step(this.past, this.future, now);
  }

  /** The step that was taken back last; null: there is none. */
  redo(now: State): State | null {
    return this.step(this.future, this.past, now);
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  private step(from: State[], to: State[], now: State): State | null {
    const state = from.pop();
    if (state === undefined) return null;
    to.push(now);
    this.group = null;
    return state;
  }
}
