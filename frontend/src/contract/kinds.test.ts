import { describe, expect, it } from "vitest";
import { handle, type Handlers, ignored, type Message, type NoContent, sendersOf } from "./kinds";
import type { Orders } from "./messages";

interface Kinds {
  size: { width: number };
  online: NoContent;
}

describe("handlers of messages", () => {
  it("are found by the type, and are given the rest", () => {
    const heard: unknown[] = [];
    const handlers: Handlers<Kinds, [now: number]> = {
      size: ({ width }, now) => void heard.push(width, now),
      online: ignored,
    };
    handle(handlers, { type: "size", width: 7 }, 3);
    handle(handlers, { type: "online" }, 4);
    expect(heard).toEqual([7, 3]);
  });

  it("do not compile when one is missing or stands twice", () => {
    // @ts-expect-error: nobody hears of "online"
    const missing: Handlers<Kinds> = { size: ignored };
    const doubled: Handlers<Kinds> = {
      size: ignored,
      // biome-ignore lint/suspicious/noDuplicateObjectKeys: that the compiler finds it is what is tested
      online: ignored,
      // @ts-expect-error: the first one would never be called
      online: ignored,
    };
    expect([missing, doubled]).toHaveLength(2);
  });
});

describe("senders of messages", () => {
  it("say their kind and their content, and what is handed over", () => {
    const posted: [Message<Kinds>, Transferable[] | undefined][] = [];
    const send = sendersOf<Kinds>({ size: true, online: true }, (message, transfer) =>
      posted.push([message, transfer]),
    );
    const buffer = new ArrayBuffer(1);
    send.size({ width: 7 }, [buffer]);
    send.online({});
    expect(posted).toEqual([
      [{ type: "size", width: 7 }, [buffer]],
      [{ type: "online" }, undefined],
    ]);
  });

  it("do not compile when one is missing, stands twice or has another content", () => {
    // @ts-expect-error: nobody could say "online"
    const send = sendersOf<Kinds>({ size: true }, ignored);
    // @ts-expect-error: a size without a width
    send.size({});
    const doubled = {
      size: true,
      // biome-ignore lint/suspicious/noDuplicateObjectKeys: that the compiler finds it is what is tested
      online: true,
      // @ts-expect-error: it stands twice
      online: true,
    } as const;
    expect(Object.keys(doubled)).toHaveLength(2);
    expect(Object.keys(send)).toEqual(["size"]);
  });

  it("do not compile when two subjects use a kind for different things", () => {
    // @ts-expect-error: a size is that of the canvas
    interface Doubled extends Orders, Pick<{ size: { bytes: number } }, "size"> {}
    const kind: keyof Doubled = "size";
    expect(kind).toBe("size");
  });
});
