/** The one place of all settings: URL, workers, controls and overlay follow it. No DOM. */

import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import type { SettingName, Settings } from ".";

type Listener = (now: Settings, before: Settings) => void;

export type SettingSignals = { readonly [Name in SettingName]: ReadonlySignal<Settings[Name]> };

/** Settings that are replaced, never changed in place: parts that are the same object have not changed. */
export class SettingsStore {
  private readonly whole;
  /** each setting by itself: who depends on one hears of no other */
  readonly signals: SettingSignals;

  constructor(initial: Settings) {
    const whole = signal(initial);
    this.whole = whole;
    const one = (name: string) => [name, computed(() => whole.value[name as SettingName])];
    this.signals = Object.fromEntries(Object.keys(initial).map(one)) as unknown as SettingSignals;
  }

  get now(): Settings {
    return this.whole.peek();
  }

  /** Replaces some of the settings and tells those who depend on them, unless nothing differs. */
  set(change: Partial<Settings>): void {
    const before = this.now;
    const names = Object.keys(change) as SettingName[];
    if (names.every((name) => before[name] === change[name])) return;
    this.whole.value = { ...before, ...change };
  }

  /** Calls whenever something was set. A listener may set something in turn: it is told of that by itself. */
  listen(listener: Listener): void {
    this.follow(() => this.whole.value, listener);
  }

  /** Calls whenever one of these settings is another one. */
  watch(names: readonly SettingName[], listener: Listener): void {
    this.follow(() => names.map((name) => this.signals[name].value), listener);
  }

  private follow(depend: () => unknown, listener: Listener): void {
    let before: Settings | null = null;
    effect(() => {
      depend();
      const was = before;
      const now = (before = this.now);
      if (was !== null) untracked(() => listener(now, was));
    });
  }
}
