import { describe, expect, it } from "vitest";
import { NOW, playing, quietFor, status } from "./veil-fixtures";
import { lastMessageAt } from "./veil-inputs";
import { veilState } from "./veil-state";

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
    const veil = veilState(
      quietFor(1050, { statusAt: NOW - 900, status: status({ age_s: (NOW - 900 - last) / 1000 }) }),
    );
    expect(veil?.kind).toBe("silent");
    expect(veil?.lines.join()).not.toContain("Messages arrive");
  });

  it("takes three periods for a slow stream", () => {
    expect(veilState(quietFor(25_000, { period: 10_000, imagePeriod: 10_000 }))).toBeNull();
    expect(veilState(quietFor(31_000, { period: 10_000, imagePeriod: 10_000 }))?.kind).toBe("silent");
  });

  it("says what the server says when the source is gone", () => {
    const at = NOW - 5000;
    const veil = veilState(
      quietFor(5000, {
        status: status({ state: "refused", text: "Nothing listens there.", age_s: 4.7 }),
        statusAt: NOW - 300,
      }),
    );
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
    ["waiting", false],
    ["resolving", false],
    ["unresolvable", true],
    ["refused", true],
    ["unreachable", true],
    ["http", true],
    ["not_zeromq", true],
    ["wrong_type", true],
  ] as const)("says so in the server's words while %s", (state, alarm) => {
    const veil = veilState(
      playing({ ...none, status: status({ state, text: `Text of ${state}.`, age_s: null, image_age_s: null }) }),
    );
    expect(veil).toMatchObject({ kind: "no-stream", alarm, since: null, lines: [`Text of ${state}.`] });
  });

  it("hints at the server that knows the name of a stream that was opened by name", () => {
    const hints = (kind: string): string =>
      veilState(playing({ ...none, status: status({ state: "unresolvable", age_s: null, kind }) }))?.hints.join() ?? "";
    expect(hints("cam_server")).toContain("which server was asked");
    expect(hints("pva")).toContain("the PV refuses");
    expect(hints("tcp")).toContain("host name");
  });

  it.each(["released", "resolving"] as const)("is no fault after it was let go, while %s", (state) => {
    const text = "Starting the pipeline CAM_sp.";
    const veil = veilState(quietFor(60_000, { status: status({ state, text, age_s: 60 }) }));
    expect(veil).toMatchObject({ kind: "released", alarm: false, lines: [text], since: null });
  });

  it("hints at the socket type only when it was guessed", () => {
    const hints = (guessed: boolean): string =>
      veilState(playing({ ...none, status: status({ state: "waiting", age_s: null, guessed }) }))?.hints.join() ?? "";
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
    expect(
      veilState(playing({ connection: { state: "connecting", attempt: 1 }, everOpen: false, status: null }))?.kind,
    ).toBe("connecting");
  });

  it("was lost: the server is gone, with the next attempt", () => {
    const veil = veilState(
      playing({
        connection: { state: "lost", everOpen: true, retryInMs: 4000, attempt: 2, reason: "no answer" },
        connectionAt: NOW - 1000,
        lostAt: NOW - 7000,
        lostReason: "the server stops",
      }),
    );
    expect(veil).toMatchObject({ kind: "server-gone", since: NOW - 7000, retryAt: NOW + 3000, alarm: true });
    expect(veil?.lines).toEqual(["Reason: the server stops.", "Last attempt: no answer."]);
  });

  it("stays lost while an attempt runs", () => {
    const veil = veilState(playing({ connection: { state: "connecting", attempt: 3 }, lostAt: NOW - 7000 }));
    expect(veil).toMatchObject({ kind: "server-gone", since: NOW - 7000, retryAt: null });
  });

  const never = { state: "lost", everOpen: false, retryInMs: 2000, attempt: 1, reason: "" } as const;

  it("never opened though the page loads: a proxy may block WebSockets", () => {
    const veil = veilState(
      playing({ connection: never, connectionAt: NOW, everOpen: false, serverAnswers: true, lostAt: NOW }),
    );
    expect(veil?.kind).toBe("blocked");
    expect(veil?.lines.join()).toContain("A proxy may block WebSockets");
    expect(veil?.hints.length).toBeGreaterThan(0);
  });

  it("keeps these words while the next attempt runs", () => {
    expect(veilState(playing({ connection: { state: "connecting", attempt: 2 }, everOpen: false }))?.kind).toBe(
      "blocked",
    );
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
    const veil = veilState(
      quietFor(3000, { status: status({ state: "down", text: "Ended by signal 11.", age_s: 2.7 }) }),
    );
    expect(veil?.kind).toBe("ingest-down");
    expect(veil?.lines).toContain("Ended by signal 11.");
  });
});

describe("a picture that is held", () => {
  it("is not called silent or held back, however old it is", () => {
    for (const quiet of [quietFor(60_000), playing({ pictureAt: NOW - 60_000, pictureSentAt: NOW - 60_000 })]) {
      expect(veilState(quiet)).not.toBeNull();
      expect(veilState({ ...quiet, paused: true })).toBeNull();
    }
  });

  it("still says that the connection is lost", () => {
    const lost = playing({
      connection: { state: "lost", everOpen: true, retryInMs: 500, attempt: 1, reason: "gone" },
      lostAt: NOW - 2000,
      paused: true,
    });
    expect(veilState(lost)?.kind).toBe("server-gone");
  });

  it("is waited for as ever when there is none", () => {
    expect(veilState({ ...quietFor(5000), pictureAt: null, paused: true })).not.toBeNull();
  });
});

describe("a broken page", () => {
  it("says so before anything else", () => {
    expect(veilState(playing({ broken: "The worker failed." }))).toMatchObject({
      kind: "page-broken",
      lines: ["The worker failed."],
    });
  });
});
