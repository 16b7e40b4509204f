/** The table of the pulse on screen, and the curve that is opened from it. */

import type { PulseValues } from "../../contract";
import { CurvePanel } from "../curves/curve-panel";
import type { LiveState } from "../status/live-state";
import { ValuesTable } from "./values-table";

export class PulseTable {
  private readonly table: ValuesTable;
  readonly curve = new CurvePanel("curve");
  private shownValues: PulseValues | null = null;

  constructor(host: HTMLElement) {
    this.table = new ValuesTable(host, (name) => this.curve.show(name, this.shownValues));
  }

  /** The values in the table. */
  get values(): PulseValues | null {
    return this.shownValues;
  }

  clear(): void {
    this.table.clear();
  }

  focusFilter(): void {
    this.table.focusFilter();
  }

  /** The picture's own values; the newest ones while no picture lives (`live` false) but values arrive. */
  refresh(state: LiveState, live: boolean, now: number): void {
    const table = state.tableValues(live, now);
    if (table === null) {
      this.table.setSource("past");
      return;
    }
    const { values, source } = table;
    this.table.setSource(source);
    if (values === this.shownValues) return;
    this.shownValues = values;
    this.table.remember(state.lastValues, values.pulse.epoch, now);
    state.lastValues.clear();
    this.table.update(values, source, state.shown?.channel ?? null, now, state.status?.source.unusable ?? []);
    if (this.curve.shows !== null) this.curve.update(values);
  }
}
