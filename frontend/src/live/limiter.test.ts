import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Limiter } from "./limiter";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the limiter", () => {
  it("lets the first through at once and the next after the interval", () => {
    const limiter = new Limiter(100, () => undefined);
    expect(limiter.take(performance.now())).toBe(true);
    vi.advanceTimersByTime(99);
    expect(limiter.take(performance.now())).toBe(false);
  });

  it("does what it held back when the interval is over, once", () => {
    const trailing = vi.fn();
    const limiter = new Limiter(100, trailing);
    limiter.take(performance.now());
    vi.advanceTimersByTime(30);
    limiter.take(performance.now());
    limiter.take(performance.now());
    vi.advanceTimersByTime(69);
    expect(trailing).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(trailing).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(trailing).toHaveBeenCalledTimes(1);
  });

  it("counts what it did late as the last time", () => {
    const limiter = new Limiter(100, () => undefined);
    limiter.take(performance.now());
    limiter.take(performance.now());
    vi.advanceTimersByTime(150);
    expect(limiter.take(performance.now())).toBe(false);
    vi.advanceTimersByTime(200);
    expect(limiter.take(performance.now())).toBe(true);
  });

  it("does nothing any more after it was cancelled", () => {
    const trailing = vi.fn();
    const limiter = new Limiter(100, trailing);
    limiter.take(performance.now());
    limiter.take(performance.now());
    limiter.cancel();
    vi.advanceTimersByTime(1000);
    expect(trailing).not.toHaveBeenCalled();
  });
});
