import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, type Settings, SettingsStore } from ".";

describe("the settings", () => {
  it("tell everybody what changed, with what was before", () => {
    const store = new SettingsStore(DEFAULT_SETTINGS);
    const heard: [Settings, Settings][] = [];
    store.listen((now, before) => void heard.push([now, before]));
    store.set({ axes: false });
    expect(heard).toHaveLength(1);
    expect(heard[0]![0]).toMatchObject({ axes: false, reticle: false });
    expect(heard[0]![1]).toBe(DEFAULT_SETTINGS);
    expect(store.now.colours).toBe(DEFAULT_SETTINGS.colours);
  });

  it("say nothing when nothing changes", () => {
    const store = new SettingsStore(DEFAULT_SETTINGS);
    let calls = 0;
    store.listen(() => void calls++);
    store.set({ axes: true, rois: DEFAULT_SETTINGS.rois });
    expect(calls).toBe(0);
  });

  it("let a listener set something in turn", () => {
    const store = new SettingsStore(DEFAULT_SETTINGS);
    const seen: (boolean | null)[] = [];
    store.listen((now) => now.axes || store.set({ reticle: true }));
    store.listen((now) => void seen.push(now.reticle));
    store.set({ axes: false });
    expect(store.now).toMatchObject({ axes: false, reticle: true });
    expect(seen).toContain(true);
  });

  it("tell who depends on some of them of no other", () => {
    const store = new SettingsStore(DEFAULT_SETTINGS);
    const heard: [boolean, boolean][] = [];
    store.watch(["axes"], (now, before) => void heard.push([now.axes, before.axes]));
    store.set({ reticle: true, slice: 3 });
    expect(heard).toEqual([]);
    store.set({ axes: false, slice: 4 });
    expect(heard).toEqual([[false, true]]);
  });

  it("let a listener set what it depends on, and hear of that too", () => {
    const store = new SettingsStore(DEFAULT_SETTINGS);
    const seen: number[] = [];
    store.watch(["slice"], ({ slice }) => {
      seen.push(slice);
      if (slice < 3) store.set({ slice: slice + 1 });
    });
    store.set({ slice: 1 });
    expect(seen).toEqual([1, 2, 3]);
    expect(store.now.slice).toBe(3);
  });
});
