import { describe, expect, it } from "vitest";
import { handle, type Handlers, ignored } from "./handlers";

type Message = { type: "size"; width: number } | { type: "online" };

describe("handlers of messages", () => {
  it("are found by the type, and are given the rest", () => {
    const heard: unknown[] = [];
    const handlers: Handlers<Message, [now: number]> = {
      size: ({ width }, now) => void heard.push(width, now),
      online: ignored,
    };
    handle(handlers, { type: "size", width: 7 }, 3);
    handle(handlers, { type: "online" }, 4);
    expect(heard).toEqual([7, 3]);
  });

  it("do not compile when one is missing or stands twice", () => {
    // @ts-expect-error: nobody hears of "online"
    const missing: Handlers<Message> = { size: ignored };
    const doubled: Handlers<Message> = {
      size: ignored,
      // biome-ignore lint/suspicious/noDuplicateObjectKeys: that the compiler finds it is what is tested
      online: ignored,
      // @ts-expect-error: the first one would never be called
      online: ignored,
    };
    expect([missing, doubled]).toHaveLength(2);
  });
});
