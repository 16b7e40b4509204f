import { describe, expect, it } from "vitest";
import type { SourceStatus, Status } from "../contract";
import { lastMessageAt, veilState, type VeilInputs } from "./veil-state";

const NOW = 100_000;

function status(source: Partial<SourceStatus> = {}, rest: Partial<Status> = {}): Status {
  return {
    source: {
      state: "receiving", text: "Messages arrive.", socket: "SUB", guessed: false, shared: false, age_s: 0.05, image_age_s: 0.05,
      rate: 10, image_rate: 10, mbit: 1, messages: 100, lost: 0, jumps: 0, backwards: 0, repeated: 0, step: 1, pulse_id: "100",
      commands: 0, refused: {}, invalid: {}, replaced: 0, ...source,
    },
    images: [{ name: "image", dtype: "uint16", shape: [480, 640] }], defaultImage: "image", ingest: { restarts: 0 }, viewers: 1,
    you: { rate: 10, mbit: 1, not_sent: 0, window: 1, rtt_ms: 1, limit: null }, ...rest,
  };
}

/** A stream of 10 Hz that plays. */
function playing(change: Partial<VeilInputs> = {}): VeilInputs {
  return {
    now: NOW, connection: { state: "open" }, connectionAt: 0, everOpen: true, lostAt: null, lostReason: "", serverAnswers: null, heardAt: NOW - 50,
    status: status(), statusAt: NOW - 500, pictureAt: NOW - 50, pictureSentAt: NOW - 60, valuesAt: NOW - 50, period: 100,
    imagePeriod: 100, sending: null, wantedImage: null, broken: null, ...change,
  };
}

/** The same stream, of which nothing came for so many ms. */
function quietFor(ms: number, change: Partial<VeilInputs> = {}): VeilInputs {
  const at = NOW - ms;
  const statusAt = NOW - 300;
  return playing({
    pictureAt: at, pictureSentAt: at, valuesAt: at, statusAt,
    status: status({ age_s: (statusAt - at) / 1000, image_age_s: (statusAt - at) / 1000, state: "silent", text: "Silent, says the server." }),
    ...change,
  });
}

describe("a stream that plays", () => {
  it("has no veil", () => {
    expect(veilState(playing())).toBeNull();
  });

  it("has none for a gap shorter than a second", () => {
    expect(veilState(quietFor(950))).toBeNull();
  });
});

describe("silence", () => {
  it("is veiled after a second at 10 Hz, with its start and the server's reason", () => {
    const veil = veilState(quietFor(1050));
    expect(veil).toMatchObject({ kind: "silent", since: NOW - 1050, alarm: true });
    expect(veil?.lines).toEqual(["Silent, says the server."]);
  });

  it("is noticed by the page itself while the last status still says receiving", () => {
    const last = NOW - 1050;
    const veil = veilState(quietFor(1050, { statusAt: NOW - 900, status: status({ age_s: (NOW - 900 - last) / 1000 }) }));
    expect(veil?.kind).toBe("silent");
    expect(veil?.lines.join()).not.toContain("Messages arrive");
  });

  it("takes three periods for a slow stream", () => {
    expect(veilState(quietFor(25_000, { period: 10_000, imagePeriod: 10_000 }))).toBeNull();
    expect(veilState(quietFor(31_000, { period: 10_000, imagePeriod: 10_000 }))?.kind).toBe("silent");
  });

  it("says what the server says when the source is gone", () => {
    const at = NOW - 5000;
    const veil = veilState(quietFor(5000, { status: status({ state: "refused", text: "Nothing listens there.", age_s: 4.7 }), statusAt: NOW - 300 }));
    expect(veil).toMatchObject({ kind: "silent", since: at });
    expect(veil?.lines).toEqual(["Nothing listens there."]);
    expect(veil?.hints.length).toBeGreaterThan(0);
  });

  it("counts from when a picture was sent, not from when a slow link delivered it", () => {
    expect(lastMessageAt({ status: null, statusAt: 0, pictureSentAt: NOW - 9000, valuesAt: null })).toBe(NOW - 9000);
  });
});

describe("no stream yet", () => {
  const none = { pictureAt: null, pictureSentAt: null, valuesAt: null, period: null, imagePeriod: null };

  it.each([
    ["waiting", false], ["resolving", false], ["unresolvable", true], ["refused", true], ["unreachable", true], ["http", true],
    ["not_zeromq", true], ["wrong_type", true],
  ] as const)("says so in the server's words while %s", (state, alarm) => {
    const veil = veilState(playing({ ...none, status: status({ state, text: `Text of ${state}.`, age_s: null, image_age_s: null }) }));
    expect(veil).toMatchObject({ kind: "no-stream", alarm, since: null, lines: [`Text of ${state}.`] });
  });

  it("hints at the socket type only when it was guessed", () => {
    const hints = (guessed: boolean): string => veilState(playing({ ...none, status: status({ state: "waiting", age_s: null, guessed }) }))?.hints.join() ?? "";
    expect(hints(true)).toContain("--mode");
    expect(hints(false)).not.toContain("--mode");
  });

  it("waits for the status after the connection opened", () => {
    expect(veilState(playing({ ...none, status: null }))?.kind).toBe("starting");
  });

  it("waits for the first picture of a stream that just plays", () => {
    expect(veilState(playing({ pictureAt: null, pictureSentAt: null }))?.kind).toBe("starting");
  });
});

describe("the connection", () => {
  it("is being opened", () => {
    expect(veilState(playing({ connection: { state: "connecting", attempt: 1 }, everOpen: false, status: null }))?.kind).toBe("connecting");
  });

  it("was lost: the server is gone, with the next attempt", () => {
    const veil = veilState(playing({
      connection: { state: "lost", everOpen: true, retryInMs: 4000, attempt: 2, reason: "no answer" }, connectionAt: NOW - 1000,
      lostAt: NOW - 7000, lostReason: "the server stops",
    }));
    expect(veil).toMatchObject({ kind: "server-gone", since: NOW - 7000, retryAt: NOW + 3000, alarm: true });
    expect(veil?.lines).toEqual(["Reason: the server stops.", "Last attempt: no answer."]);
  });

  it("stays lost while an attempt runs", () => {
    const veil = veilState(playing({ connection: { state: "connecting", attempt: 3 }, lostAt: NOW - 7000 }));
    expect(veil).toMatchObject({ kind: "server-gone", since: NOW - 7000, retryAt: null });
  });

  const never = { state: "lost", everOpen: false, retryInMs: 2000, attempt: 1, reason: "" } as const;

  it("never opened though the page loads: a proxy may block WebSockets", () => {
    const veil = veilState(playing({ connection: never, connectionAt: NOW, everOpen: false, serverAnswers: true, lostAt: NOW }));
    expect(veil?.kind).toBe("blocked");
    expect(veil?.lines.join()).toContain("A proxy may block WebSockets");
    expect(veil?.hints.length).toBeGreaterThan(0);
  });

  it("keeps these words while the next attempt runs", () => {
    expect(veilState(playing({ connection: { state: "connecting", attempt: 2 }, everOpen: false }))?.kind).toBe("blocked");
  });

  it("never opened because the server is gone is not blamed on a proxy", () => {
    expect(veilState(playing({ connection: never, everOpen: false, serverAnswers: false }))?.kind).toBe("server-gone");
  });

  it("is open but nothing at all arrives, not even the status", () => {
    const veil = veilState(playing({ heardAt: NOW - 4500, statusAt: NOW - 4500 }));
    expect(veil).toMatchObject({ kind: "mute", since: NOW - 4500 });
  });
});

describe("the receiving process", () => {
  it("is being restarted: another state than silence", () => {
    const veil = veilState(quietFor(3000, { status: status({ state: "down", text: "Ended by signal 11.", age_s: 2.7 }) }));
    expect(veil?.kind).toBe("ingest-down");
    expect(veil?.lines).toContain("Ended by signal 11.");
  });
});

describe("scalars arrive, no image", () => {
  it("for so many seconds", () => {
    const at = NOW - 5000;
    const veil = veilState(playing({ pictureAt: at, pictureSentAt: at, statusAt: NOW, status: status({ image_age_s: 5 }) }));
    expect(veil).toMatchObject({ kind: "no-image", title: "Scalars arrive, no image", since: at, alarm: true });
  });

  it("is not said within three periods of a slow camera in a fast stream", () => {
    const at = NOW - 2500;
    expect(veilState(playing({ pictureAt: at, pictureSentAt: at, imagePeriod: 1000, status: status({ image_age_s: 2.0 }) }))).toBeNull();
  });

  it("is not said in the moment before a silence of everything is noticed", () => {
    const at = NOW - 1010;
    const together = playing({ pictureAt: at, pictureSentAt: at - 20, valuesAt: at + 15, statusAt: NOW - 400, status: status({ age_s: 0.6, image_age_s: 0.6 }) });
    expect(veilState(together)).toBeNull();
    expect(veilState({ ...together, now: NOW + 50 })?.kind).toBe("silent");
  });

  it("is not said of a server that has just begun to look at the stream", () => {
    const unknown = status({ image_age_s: null, image_rate: 0 }, { images: [], defaultImage: null });
    expect(veilState(playing({ pictureAt: null, pictureSentAt: null, connectionAt: NOW - 1000, status: unknown }))?.kind).toBe("starting");
  });

  it("is calm for a stream that never has one", () => {
    const veil = veilState(playing({
      pictureAt: null, pictureSentAt: null, imagePeriod: null,
      status: status({ image_age_s: null, image_rate: 0 }, { images: [], defaultImage: null }),
    }));
    expect(veil).toMatchObject({ kind: "no-image", alarm: false, since: null });
  });

  it("names a chosen channel that is not in the stream", () => {
    const veil = veilState(playing({ pictureAt: null, pictureSentAt: null, wantedImage: "camera2" }));
    expect(veil).toMatchObject({ kind: "no-channel", lines: ["camera2"] });
  });
});

describe("a slow link", () => {
  it("says what is being received before the first picture", () => {
    const veil = veilState(playing({ pictureAt: null, pictureSentAt: null, sending: { bytes: 11_059_200, at: NOW - 3000 } }));
    expect(veil).toMatchObject({ kind: "sending", title: "Receiving a picture of 11.1 MB", since: NOW - 3000 });
  });

  it("has no veil while pictures come as seldom as before", () => {
    const at = NOW - 12_000;
    expect(veilState(playing({ pictureAt: at, pictureSentAt: at - 9000, imagePeriod: 9000, sending: { bytes: 11e6, at: at + 100 } }))).toBeNull();
  });

  it("is not called a silent stream while only the status gets through", () => {
    const waiting = { pictureAt: null, pictureSentAt: null, valuesAt: null, statusAt: NOW - 1100, sending: { bytes: 11e6, at: NOW - 8000 } };
    expect(veilState(playing(waiting))?.kind).toBe("sending");
    expect(veilState(playing({ ...waiting, sending: null, heardAt: NOW - 1100 }))?.kind).not.toBe("silent");
  });

  it("is not called a silent stream while even the status waits behind the image", () => {
    const veil = veilState(playing({ pictureAt: null, pictureSentAt: null, valuesAt: null, statusAt: NOW - 9000, sending: { bytes: 11e6, at: NOW - 9000 } }));
    expect(veil?.kind).toBe("sending");
  });

  it("does not hide that the source went silent, when the status says so", () => {
    const quiet = status({ age_s: 6, state: "silent", text: "Silent." });
    const veil = veilState(playing({ pictureAt: null, pictureSentAt: null, valuesAt: null, statusAt: NOW - 500, status: quiet, sending: { bytes: 11e6, at: NOW - 9000 } }));
    expect(veil?.kind).toBe("silent");
  });

  it("may be silent for long while an image is on its way", () => {
    const veil = veilState(playing({ heardAt: NOW - 20_000, pictureAt: null, pictureSentAt: null, sending: { bytes: 11e6, at: NOW - 20_000 } }));
    expect(veil?.kind).not.toBe("mute");
  });

  it("is told from a camera that stopped: the server has images, this page gets none", () => {
    const at = NOW - 4000;
    const held = status({}, { you: { rate: 0, mbit: 0, not_sent: 40, window: 1, rtt_ms: 1, limit: "bandwidth" } });
    const veil = veilState(playing({ pictureAt: at, pictureSentAt: at, status: held }));
    expect(veil).toMatchObject({ kind: "held-back", since: at });
    expect(veil?.lines.join()).toContain("bandwidth");
  });
});

describe("a broken page", () => {
  it("says so before anything else", () => {
    expect(veilState(playing({ broken: "The worker failed." }))).toMatchObject({ kind: "page-broken", lines: ["The worker failed."] });
  });
});
