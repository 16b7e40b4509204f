// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { analysisOf, PageBench, shownOf } from "./page.testing";
import { status } from "./status/veil-fixtures";

const REFRESH_MS = 100;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function playing(hash = ""): PageBench {
  const bench = new PageBench(hash);
  bench.say({ type: "connection", connection: { state: "open" } });
  bench.say({ type: "status", status: status() });
  bench.say({ type: "shown", shown: shownOf(1), values: null });
  vi.advanceTimersByTime(REFRESH_MS);
  return bench;
}

/** Somebody takes a link to another view of the same page. */
function follow(hash: string): void {
  history.replaceState(null, "", `${location.pathname}${hash}`);
  window.dispatchEvent(new Event("hashchange"));
}

describe("the page and its worker", () => {
  it("begin with what the address says", () => {
    const bench = new PageBench("#map=hot&image=other&slice=2&format=exact&saturation=4095&threshold=7");
    expect(bench.orders[0]).toMatchObject({ type: "start", format: "exact", saturation: 4095, visible: true });
    expect(bench.orders[0]).toMatchObject({ colours: { colourMap: "hot" } });
    expect(bench.told("want")).toContainEqual({ type: "want", image: "other" });
    expect(bench.told("want")).toContainEqual({ type: "want", slice: 2 });
    expect(bench.last("process").wish.threshold).toBe(7);
  });

  it("show what is waited for until a picture comes, and again when it is gone", () => {
    const bench = new PageBench();
    expect(bench.find("veil-title").textContent).toContain("Connecting");
    bench.say({ type: "connection", connection: { state: "open" } });
    bench.say({ type: "status", status: status() });
    bench.say({ type: "shown", shown: shownOf(1), values: null });
    vi.advanceTimersByTime(REFRESH_MS);
    expect(bench.find("veil").hidden).toBe(true);
    bench.say({ type: "cleared" });
    vi.advanceTimersByTime(REFRESH_MS);
    expect(bench.find("veil").hidden).toBe(false);
  });

  it("say what cannot go on", () => {
    const bench = new PageBench();
    bench.break(null);
    vi.advanceTimersByTime(REFRESH_MS);
    expect(bench.find("veil").textContent).toContain("Its worker could not be loaded.");
  });

  it("tell a fault of the worker and go on", () => {
    const bench = playing();
    bench.say({ type: "error", text: "an image without pixels" });
    expect(document.getElementById("errors")!.textContent).toContain("an image without pixels");
    expect(bench.find("veil").hidden).toBe(true);
  });

  it("name the stream in the title", () => {
    const bench = playing();
    const limits = { max_rate: 1, viewer_mbit: 1, total_mbit: 1, loopback: true, message_bytes: 1 };
    const hello = { build: "dev", version: "1", epoch: 1, stream: "tcp://camera:1", formats: [], limits };
    bench.say({ type: "hello", hello });
    vi.advanceTimersByTime(1000);
    expect(document.title).toContain("camera:1");
  });
});

describe("what the page loads after its first picture", () => {
  it("has the analysis worker started, and its results with the pulse that they are of", async () => {
    const bench = playing("#profiles=1");
    expect(document.getElementById("tab-analysis")).toBeNull();
    expect(bench.told("computing")).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    await vi.dynamicImportSettled();
    document.getElementById("tab-analysis")!.click();
    expect(bench.told("computing")).toHaveLength(1);
    bench.say({ type: "shown", shown: shownOf(2), values: null });
    bench.say({ type: "analysis", analysis: analysisOf(1) });
    await vi.advanceTimersByTimeAsync(1000);
    expect(document.getElementById("values")!.textContent).toContain("pulse 1001");
  });

  it("shows no result of a picture that was there before another image came", async () => {
    const bench = playing("#profiles=1");
    await vi.advanceTimersByTimeAsync(1000);
    await vi.dynamicImportSettled();
    document.getElementById("tab-analysis")!.click();
    bench.say({ type: "cleared" });
    bench.say({ type: "shown", shown: shownOf(2, { channel: "other" }), values: null });
    bench.say({ type: "analysis", analysis: analysisOf(1) });
    await vi.advanceTimersByTimeAsync(1000);
    expect(document.getElementById("values")!.textContent).not.toContain("pulse 1001");
    bench.say({ type: "analysis", analysis: analysisOf(2) });
    await vi.advanceTimersByTimeAsync(1000);
    expect(document.getElementById("values")!.textContent).toContain("pulse 1002");
  });
});

describe("what a person does on the page", () => {
  it("is told to the worker, and stands in the address when it rests", () => {
    const bench = playing();
    const before = bench.orders.length;
    const select = document.querySelector<HTMLSelectElement>('[data-testid="colour-map"]')!;
    select.value = "hot";
    select.dispatchEvent(new Event("change"));
    expect(bench.orders.slice(before)).toMatchObject([{ type: "colours", colours: { colourMap: "hot" } }]);
    vi.advanceTimersByTime(1000);
    expect(location.hash).toBe("#map=hot");
  });

  it("needs another analysis only where another one is wanted: not for a level that is dragged", () => {
    const bench = playing("#levels=0,50&roi=rect:beam:10,20,30,40&profiles=1&profiles-of=1");
    const before = bench.orders.length;
    for (const high of [51, 52, 53]) follow(`#levels=0,${high}&roi=rect:beam:10,20,30,40&profiles=1&profiles-of=1`);
    expect(bench.orders.slice(before).map(({ type }) => type)).toEqual(["colours", "colours", "colours"]);
    follow("#levels=0,53&roi=rect:beam:11,20,30,40&profiles=1&profiles-of=1");
    expect(bench.orders.at(-1)).toMatchObject({ type: "analyse", wish: { rois: [{ shape: { x: 11 } }] } });
    expect(bench.orders).toHaveLength(before + 4);
  });

  it("follows the address: another image ends the pause, the same address says nothing", () => {
    const bench = playing("#map=hot");
    bench.find("pause").click();
    const before = bench.orders.length;
    follow("#map=hot");
    expect(bench.orders).toHaveLength(before);
    follow("#map=hot&image=other");
    expect(bench.orders.slice(before)).toEqual([
      { type: "pause", paused: false },
      { type: "want", image: "other" },
    ]);
    follow("#map=gray&image=other&format=preview");
    expect((bench.find("choice") as HTMLSelectElement).value).toBe("preview");
    expect((bench.find("colour-map") as HTMLSelectElement).value).toBe("gray");
  });

  it("pauses the picture once, whatever comes meanwhile", () => {
    const bench = playing();
    bench.find("pause").click();
    expect(bench.told("pause")).toEqual([{ type: "pause", paused: true }]);
    bench.find("pause").click();
    expect(bench.last("pause").paused).toBe(false);
  });
});
