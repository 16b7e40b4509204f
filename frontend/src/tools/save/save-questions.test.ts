import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ToWorker } from "../../contract";
import { sendersOf } from "../../contract/kinds";
import { ORDERS } from "../../contract/messages";
import { Questions } from "./save-questions";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("questions to the worker", () => {
  it("get the answers with their own numbers", async () => {
    const posted: ToWorker[] = [];
    const questions = new Questions(sendersOf(ORDERS, (message) => void posted.push(message)));
    const answers = [questions.ask("snapshot"), questions.ask("snapshot")];
    const [one, two] = posted as { id: number }[];
    expect(posted.map(({ type }) => type)).toEqual(["snapshot", "snapshot"]);
    expect(one!.id).toBeLessThan(0);
    questions.answer({ type: "snapshot", id: 1, shown: null, png: null });
    questions.answer({ type: "snapshot", id: two!.id, shown: null, png: new ArrayBuffer(2) });
    questions.answer({ type: "snapshot", id: one!.id, shown: null, png: new ArrayBuffer(1) });
    expect((await Promise.all(answers)).map(({ png }) => png?.byteLength)).toEqual([1, 2]);
  });

  it("end with a word when no answer comes", async () => {
    const answer = new Questions(sendersOf(ORDERS, () => undefined)).ask("pixels");
    const failed = expect(answer).rejects.toThrow("did not come in time");
    await vi.advanceTimersByTimeAsync(20_000);
    await failed;
  });
});
