import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProcessingState } from "../contract";
import { type Message, sendersOf } from "../contract/kinds";
import { type News, NEWS } from "../contract/messages";
import { LateProcessor, type LoadProcessor } from "./late-processor";
import { NO_PROCESSING } from "../tools/corrections/compute/need";
import type { Prepared } from "./prepare";
import { Processor } from "./processing";

const PREPARED = {} as Prepared;

const loaded: LoadProcessor = (use) => void setTimeout(() => use(Processor));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function late(load: LoadProcessor) {
  const posted: Message<News>[] = [];
  const heard = { loaded: 0, failed: 0 };
  const processor = new LateProcessor({
    load,
    loaded: () => void heard.loaded++,
    failed: () => void heard.failed++,
    format: () => "auto",
    backgroundChanged: () => undefined,
    news: sendersOf(NEWS, (message) => posted.push(message)),
  });
  const states = (): ProcessingState[] =>
    posted.flatMap((message) => (message.type === "processing" ? [message.state] : []));
  return { processor, heard, states };
}

describe("the processing that is loaded late", () => {
  it("leaves pictures as they came until it is there, and then does what was wanted", async () => {
    const { processor, heard, states } = late(loaded);
    processor.setWish({ ...NO_PROCESSING, threshold: 5 });
    processor.takeBackground(3);
    expect(processor.process("image", PREPARED, true)).toBe(PREPARED);
    expect(processor.backgroundState).toBe("taking");
    expect(states()).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(heard).toEqual({ loaded: 1, failed: 0 });
    expect(states().at(-1)).toMatchObject({ threshold: 5, background: { state: "taking", frames: 3 } });
  });

  it("is loaded once, and not for a wish that changes nothing", async () => {
    const load = vi.fn(loaded);
    const { processor } = late(load);
    processor.setWish(NO_PROCESSING);
    expect(load).not.toHaveBeenCalled();
    processor.load();
    processor.load();
    await vi.advanceTimersByTimeAsync(1);
    processor.load();
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("is loaded again after a while if that failed, and says so to those who want it", async () => {
    const load = vi.fn<LoadProcessor>((_, failed) => void setTimeout(() => failed(new Error("away"))));
    const { processor, heard } = late(load);
    processor.load();
    await vi.advanceTimersByTimeAsync(1);
    processor.load();
    expect([load.mock.calls.length, heard.failed]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(2000);
    processor.setWish({ ...NO_PROCESSING, threshold: 5 });
    await vi.advanceTimersByTimeAsync(1);
    expect([load.mock.calls.length, heard.failed]).toEqual([2, 1]);
    load.mockImplementation(loaded);
    await vi.advanceTimersByTimeAsync(2000);
    processor.load();
    await vi.advanceTimersByTimeAsync(1);
    expect(heard.loaded).toBe(1);
  });
});
