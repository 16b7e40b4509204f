import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Connection } from "../contract";
import type { Heard } from "./machine";
import { type Line, LiveSocket } from "./socket";

/** A WebSocket whose server is the test. */
class FakeWebSocket {
  static readonly OPEN = 1;
  static made: FakeWebSocket[] = [];
  readyState = 0;
  binaryType = "blob";
  readonly sent: unknown[] = [];
  closed = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly url: string;
  readonly protocol: string;

  constructor(url: string, protocol: string) {
    this.url = url;
    this.protocol = protocol;
    FakeWebSocket.made.push(this);
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.closed++;
  }

  open(): void {
    this.readyState = FakeWebSocket.OPEN;
    this.onopen?.();
    this.onmessage?.({ data: "hello" });
  }
}

let connections: Connection[];
let messages: unknown[];
let lines: Line[];
let socket: LiveSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeWebSocket);
  FakeWebSocket.made = [];
  [connections, messages, lines] = [[], [], []];
  socket = new LiveSocket("ws://host/live", {
    connection: (connection) => void connections.push(connection),
    message: (data, _arrived, line): Heard => {
      messages.push(data);
      lines.push(line);
      return data === "hello" ? "hello" : "other";
    },
  });
  socket.start();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function latest(): FakeWebSocket {
  return FakeWebSocket.made[FakeWebSocket.made.length - 1]!;
}

describe("the live socket", () => {
  it("offers the subprotocol and takes whole messages as buffers", () => {
    expect(latest()).toMatchObject({ url: "ws://host/live", protocol: "sov.1", binaryType: "arraybuffer" });
    latest().open();
    expect(connections.map(({ state }) => state)).toEqual(["connecting", "open"]);
  });

  it("connects again by itself after the server closed, and says why it was lost", () => {
    latest().open();
    latest().onclose?.({ code: 1001, reason: "the server stops" });
    expect(connections[connections.length - 1]).toMatchObject({
      state: "lost",
      everOpen: true,
      reason: "the server closed the connection: the server stops",
    });
    vi.advanceTimersByTime(600);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  it("gives up a connection on which nothing comes, and does not listen to it any more", () => {
    latest().open();
    const silent = latest();
    vi.advanceTimersByTime(3100);
    expect(silent).toMatchObject({ closed: 1, onmessage: null, onclose: null });
    expect(connections[connections.length - 1]).toMatchObject({ state: "lost" });
  });

  it("stays as long as something comes", () => {
    latest().open();
    for (let second = 0; second < 20; second++) {
      vi.advanceTimersByTime(1000);
      latest().onmessage?.({ data: "status" });
    }
    expect(connections.map(({ state }) => state)).toEqual(["connecting", "open"]);
  });

  it("sends nothing for a line that was lost, not on the next one either", () => {
    latest().open();
    const [line] = lines;
    line!.send("a");
    const first = latest();
    first.onclose?.({ code: 1006, reason: "" });
    vi.advanceTimersByTime(600);
    latest().open();
    line!.send("b");
    expect([first.sent, latest().sent]).toEqual([["a"], []]);
  });

  it("connects at once when it is woken", () => {
    latest().onclose?.({ code: 1006, reason: "" });
    expect(connections[connections.length - 1]).toMatchObject({
      everOpen: false,
      reason: "the connection could not be made",
    });
    socket.wake();
    expect(FakeWebSocket.made).toHaveLength(2);
  });
});
