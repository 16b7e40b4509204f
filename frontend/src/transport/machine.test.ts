import { describe, expect, it } from "vitest";
import type { Connection } from "../contract";
import { type Action, ConnectionMachine } from "./machine";

function reported(actions: Action[]): Connection[] {
  return actions.flatMap((action) => (action.do === "report" ? [action.connection] : []));
}

function done(actions: Action[]): string[] {
  return actions.map((action) => action.do);
}

/** A machine that is open since `now`. */
function open(now: number, random = () => 0.5): ConnectionMachine {
  const machine = new ConnectionMachine(random);
  machine.start(now);
  machine.opened(now);
  machine.heard("hello", now);
  return machine;
}

describe("the life of the connection", () => {
  it("is open when the server has said hello, not before", () => {
    const machine = new ConnectionMachine(() => 0.5);
    expect(done(machine.start(0))).toEqual(["report", "open"]);
    expect(reported(machine.opened(10))).toEqual([]);
    expect(reported(machine.heard("other", 20))).toEqual([]);
    expect(reported(machine.heard("hello", 30))).toEqual([{ state: "open" }]);
  });

  it("takes three seconds without a message for the end of the connection", () => {
    const machine = open(1000);
    expect(machine.tick(3900)).toEqual([]);
    machine.heard("other", 3900);
    expect(machine.tick(6900)).toEqual([]);
    const actions = machine.tick(6901);
    expect(done(actions)).toEqual(["drop", "report"]);
    expect(reported(actions)[0]).toMatchObject({ state: "lost", everOpen: true });
  });

  it("waits sixty seconds for an image that was announced", () => {
    const machine = open(0);
    machine.heard("sending", 1000);
    machine.heard("other", 2000);
    expect(machine.tick(60_999)).toEqual([]);
    expect(reported(machine.tick(61_001))[0]).toMatchObject({ state: "lost" });
  });

  it("is back at three seconds when the announced image has come", () => {
    const machine = open(0);
    machine.heard("sending", 1000);
    machine.heard("frame", 20_000);
    expect(machine.tick(23_000)).toEqual([]);
    expect(machine.tick(23_001)).not.toEqual([]);
  });

  it("does not use a message that comes after the silence was too long, as after a page was frozen", () => {
    const machine = open(0);
    expect(machine.mayUse(3000)).toBe(true);
    expect(machine.mayUse(60_000)).toBe(false);
    expect(done(machine.tick(60_000))).toEqual(["drop", "report"]);
    expect(machine.mayUse(60_001)).toBe(false);
  });

  it("does not count its own long work as silence of the server", () => {
    const machine = open(0);
    machine.busy(5000);
    expect(machine.tick(7000)).toEqual([]);
    expect(machine.mayUse(7000)).toBe(true);
  });

  it("tries again for ever, after delays that grow from a quarter of a second to five seconds at most", () => {
    for (const [random, first, last] of [
      [0, 250, 2500],
      [0.999999, 500, 5000],
    ] as const) {
      const machine = new ConnectionMachine(() => random);
      machine.start(0);
      let now = 0;
      const delays: number[] = [];
      for (let failure = 0; failure < 50; failure++) {
        const [connection] = reported(machine.closed("no", now));
        if (connection?.state !== "lost") throw new Error("not lost");
        delays.push(connection.retryInMs);
        now += connection.retryInMs + 1;
        expect(done(machine.tick(now))).toEqual(["report", "open"]);
      }
      expect(delays[0]).toBe(first);
      expect(delays[49]).toBe(last);
      expect(delays).toEqual([...delays].sort((a, b) => a - b));
    }
  });

  it("begins with short delays again after a connection that lasted", () => {
    const machine = new ConnectionMachine(() => 0);
    machine.start(0);
    for (let now = 0, failure = 0; failure < 5; failure++) {
      machine.closed("no", now);
      now = machine.deadline() + 1;
      machine.tick(now);
    }
    machine.opened(100_000);
    machine.heard("hello", 100_000);
    expect(reported(machine.closed("restart", 106_000))[0]).toMatchObject({ retryInMs: 250, attempt: 1 });
  });

  it("goes on with long delays if the server says hello and closes at once", () => {
    const machine = new ConnectionMachine(() => 0);
    let now = 0;
    machine.start(now);
    let delay = 0;
    for (let failure = 0; failure < 8; failure++) {
      machine.opened(now);
      machine.heard("hello", now);
      machine.closed("1008", now);
      delay = machine.deadline() - now;
      now = machine.deadline() + 1;
      machine.tick(now);
    }
    expect(delay).toBe(2500);
  });

  it("connects at once when the network is back or the page is seen again", () => {
    const machine = open(0);
    machine.closed("gone", 1000);
    expect(done(machine.wake(1001))).toEqual(["report", "open"]);
    expect(machine.wake(1002)).toEqual([]);
  });

  it("connects at once when the page is seen again after it was frozen", () => {
    expect(done(open(0).wake(60_000))).toEqual(["drop", "report", "report", "open"]);
  });

  it("begins a handshake anew that hangs when the network is back", () => {
    const machine = new ConnectionMachine(() => 0.5);
    machine.start(0);
    expect(done(machine.wake(5000))).toEqual(["drop", "report", "open"]);
  });

  it("leaves a good connection alone when the page is seen again", () => {
    expect(open(0).wake(2000)).toEqual([]);
  });

  it("gives up a handshake after ten seconds, and a server that does not greet after three", () => {
    const machine = new ConnectionMachine(() => 0.5);
    machine.start(0);
    expect(reported(machine.tick(10_001))[0]).toMatchObject({ state: "lost", everOpen: false });
    const greeting = new ConnectionMachine(() => 0.5);
    greeting.start(0);
    greeting.opened(100);
    expect(greeting.tick(3100)).toEqual([]);
    expect(reported(greeting.tick(3101))[0]).toMatchObject({ state: "lost", everOpen: false });
  });

  it("remembers that it was open once", () => {
    const machine = open(0);
    machine.closed("gone", 100);
    machine.tick(machine.deadline() + 1);
    expect(reported(machine.closed("still gone", 1000))[0]).toMatchObject({
      everOpen: true,
      attempt: 2,
      reason: "still gone",
    });
  });
});
