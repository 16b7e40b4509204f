// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PageBench, shownOf } from "./page.testing";
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

describe("the page and its worker", () => {
  it("begin with what the address says", () => {
    const bench = new PageBench("#map=hot&image=other&slice=2&format=exact&saturation=4095&threshold=7");
    expect(bench.orders[0]).toMatchObject({ type: "start", format: "exact", saturation: 4095, visible: true });
    expect(bench.orders[0]).toMatchObject({ colours: { colourMap: "hot" } });
    expect(bench.told("want")).toMatchObject([{ image: "other", slice: 2 }]);
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

  it("pauses the picture once, whatever comes meanwhile", () => {
    const bench = playing();
    bench.find("pause").click();
    expect(bench.told("pause")).toEqual([{ type: "pause", paused: true }]);
    bench.find("pause").click();
    expect(bench.last("pause").paused).toBe(false);
  });
});
