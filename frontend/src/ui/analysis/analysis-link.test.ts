import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendersOf } from "../../contract/kinds";
import { ORDERS, type ToWorker } from "../../contract/messages";
import { AnalysisLink } from "./analysis-link";

class FakeWorker extends EventTarget {
  readonly heard: unknown[] = [];
  ended = false;

  constructor() {
    super();
    workers.push(this);
  }

  postMessage(message: unknown): void {
    this.heard.push(message);
  }

  terminate(): void {
    this.ended = true;
  }
}

const workers: FakeWorker[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("Worker", FakeWorker);
  vi.stubGlobal("window", globalThis);
  workers.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function link() {
  const told: ToWorker[] = [];
  const options = {
    picture: sendersOf(ORDERS, (message) => told.push(message)),
    hear: vi.fn(),
    fault: vi.fn(),
    failing: vi.fn(),
  };
  return { made: new AnalysisLink(options), told, ...options };
}

describe("the analysis worker", () => {
  it("is started once, with a channel to the picture worker, and heard", () => {
    const { made, told, hear } = link();
    made.start();
    made.start();
    expect(workers).toHaveLength(1);
    expect(workers[0]!.heard[0]).toBeInstanceOf(MessagePort);
    expect(told).toMatchObject([{ type: "computing", port: expect.any(MessagePort) }]);
    workers[0]!.dispatchEvent(new MessageEvent("message", { data: { type: "error", text: "x" } }));
    expect(hear).toHaveBeenCalledWith({ type: "error", text: "x" });
  });

  it("is started again if it could not be loaded, which is said after some times", () => {
    const { made, told, failing } = link();
    made.start();
    for (let times = 1; times <= 5; times++) {
      expect(workers).toHaveLength(times);
      workers.at(-1)!.dispatchEvent(new Event("error"));
      expect(workers.at(-1)!.ended).toBe(true);
      expect(failing).toHaveBeenCalledTimes(times === 5 ? 1 : 0);
      vi.advanceTimersByTime(2000);
    }
    expect(told).toHaveLength(6);
  });

  it("goes on after a fault within, which is told", () => {
    const { made, fault } = link();
    made.start();
    workers[0]!.dispatchEvent(Object.assign(new Event("error"), { message: "broken" }));
    expect(fault).toHaveBeenCalledWith("broken");
    expect(workers[0]!.ended).toBe(false);
  });
});
