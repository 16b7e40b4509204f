import { describe, expect, it } from "vitest";
import type { Hello, Shown, Status } from "../../contract";
import { AlarmMemory, statusFields, type StatusInputs } from "./status-text";

const SHOWN: Shown = {
  picture: 1,
  pulse: {
    epoch: 1,
    sequence: 7n,
    pulseId: 24345678901n,
    sourceTime: 1_700_000_000_123_456_789n,
    receiptTime: 1_700_000_003_623_456_789n,
  },
  channel: "image",
  dtype: "uint16",
  shape: [480, 640],
  of: [480, 640],
  crop: null,
  binning: 1,
  sourceDtype: "uint16",
  widened: false,
  numbers: null,
  choice: "exact",
  colour: false,
  slice: null,
  format: "bslz4",
  exact: true,
  bytes: 300_000,
  ageMs: 20,
  drawnAt: 0,
  legs: { serverMs: 1, networkMs: null, decodeMs: 2, drawMs: 3 },
  levels: [0, 1],
  range: [0, 1],
  notFinite: 0,
  saturation: { level: null, guessed: false, count: null },
  rounded: null,
  renderer: "webgl2",
  curve: null,
  shownRate: 9.97,
  notSent: 4,
};
const STATUS: Status = {
  source: {
    state: "receiving",
    text: "",
    socket: "PULL",
    guessed: false,
    shared: true,
    age_s: 0,
    image_age_s: 0,
    rate: 100,
    image_rate: 10,
    mbit: 20,
    messages: 1000,
    lost: 3,
    jumps: 1,
    backwards: 0,
    repeated: 0,
    step: 1,
    pulse_id: "24345678910",
    commands: 0,
    refused: { "no JSON": 2, "wrong count": 5 },
    invalid: { "wrong length": 1 },
    refusal: null,
    unusable: [],
    time_problem: null,
    replaced: 6,
    kind: "tcp",
    origin: null,
  },
  images: [],
  defaultImage: "image",
  ingest: { restarts: 0 },
  viewers: 2,
  you: { rate: 10, mbit: 24, not_sent: 3, window: 1, rtt_ms: 0.42, limit: null, choice: "exact", why: null },
};
const HELLO: Hello = {
  build: "b",
  version: "1",
  epoch: 1,
  stream: "tcp://host:8888",
  formats: ["raw"],
  limits: { max_rate: 60, viewer_mbit: 0, total_mbit: 800, loopback: false, message_bytes: 4096 },
};

function inputs(change: Partial<StatusInputs> = {}): StatusInputs {
  return {
    now: 50_000,
    connected: true,
    hello: HELLO,
    status: STATUS,
    shown: SHOWN,
    shownAt: 49_900,
    playing: true,
    paused: false,
    lostAlarm: "now",
    refusedAlarm: "past",
    rowsLost: 0,
    ...change,
  };
}

describe("the status fields", () => {
  it("count the age up while nothing comes", () => {
    expect(statusFields(inputs()).age.value).toBe("0.1 s");
    expect(statusFields(inputs({ now: 62_900 })).age.value).toBe("13.0 s");
  });

  it("count the images not sent since the connection, not those since the last picture", () => {
    expect(statusFields(inputs())["not-sent"].value).toBe("3");
  });

  it("write the pulse id whole and all nanoseconds in the details", () => {
    const fields = statusFields(inputs());
    expect(fields.pulse.value).toBe("24345678901");
    expect(fields.time.value).toMatch(/:20\.123$/);
    expect(fields.time.detail.map(([, value]) => value)).toContain("1700000000123456789");
  });

  it("say that a message has no time instead of 1970", () => {
    const fields = statusFields(inputs({ shown: { ...SHOWN, pulse: { ...SHOWN.pulse, sourceTime: null } } }));
    expect(fields.time.value).toBe("none sent");
  });

  it("show received images beside all messages of a merged stream", () => {
    expect(statusFields(inputs()).received).toMatchObject({ value: "10.0", note: "of 100 msg/s" });
  });

  it("sum refused messages and name the reasons", () => {
    const { refused } = statusFields(inputs());
    expect(refused.value).toBe("7");
    expect(refused.detail).toContainEqual(["wrong count", "5"]);
  });

  it("raise an alarm for lost and refused only", () => {
    const loud = Object.entries(statusFields(inputs()))
      .filter(([, field]) => field.alarm !== "none")
      .map(([id]) => id);
    expect(loud.sort()).toEqual(["lost", "refused"]);
  });

  it("claim no rate when nothing plays or the connection is lost", () => {
    expect(statusFields(inputs({ playing: false })).shown.value).toBe("0.0");
    expect(statusFields(inputs({ connected: false })).received.value).toBe("–");
  });

  it("say which limit holds images back, and that loopback does not count", () => {
    const held = { ...STATUS, you: { ...STATUS.you, limit: "bandwidth" as const } };
    expect(statusFields(inputs({ status: held })).limits).toMatchObject({
      value: "60 /s, 800 Mbit/s",
      note: "bandwidth holds back",
    });
    const near = { ...HELLO, limits: { ...HELLO.limits, loopback: true } };
    expect(statusFields(inputs({ hello: near })).limits.value).toBe("60 /s");
  });

  it("say what is known before the first message", () => {
    const fields = statusFields(inputs({ hello: null, status: null, shown: null, connected: false }));
    expect(Object.values(fields).every((field) => field.value === "–" || field.value === "0.0")).toBe(true);
  });
});

describe("AlarmMemory", () => {
  it("is loud for a minute after a counter grew, then remembers", () => {
    const memory = new AlarmMemory();
    expect(memory.update(0, 0)).toBe("none");
    expect(memory.update(2, 1000)).toBe("now");
    expect(memory.update(2, 60_000)).toBe("now");
    expect(memory.update(2, 61_001)).toBe("past");
  });

  it("is not loud for what happened before the page was opened", () => {
    expect(new AlarmMemory().update(12, 0)).toBe("past");
  });

  it("is quiet after the server's counters began again", () => {
    const memory = new AlarmMemory();
    memory.update(0, 0);
    memory.update(5, 10);
    expect(memory.update(0, 20)).toBe("none");
  });
});
