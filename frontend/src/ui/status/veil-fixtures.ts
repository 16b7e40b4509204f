/** A 10 Hz stream for the tests of the veil. */

import type { SourceStatus, Status } from "../../contract";
import type { VeilInputs } from "./veil-inputs";

export const NOW = 100_000;

export function status(source: Partial<SourceStatus> = {}, rest: Partial<Status> = {}): Status {
  return {
    source: {
      state: "receiving",
      text: "Messages arrive.",
      socket: "SUB",
      guessed: false,
      shared: false,
      age_s: 0.05,
      image_age_s: 0.05,
      rate: 10,
      image_rate: 10,
      mbit: 1,
      messages: 100,
      lost: 0,
      jumps: 0,
      backwards: 0,
      repeated: 0,
      step: 1,
      pulse_id: "100",
      commands: 0,
      refused: {},
      invalid: {},
      refusal: null,
      unusable: [],
      time_problem: null,
      replaced: 0,
      kind: "tcp",
      origin: null,
      ...source,
    },
    images: [{ name: "image", dtype: "uint16", shape: [480, 640] }],
    defaultImage: "image",
    ingest: { restarts: 0 },
    viewers: 1,
    you: { rate: 10, mbit: 1, not_sent: 0, window: 1, rtt_ms: 1, limit: null, choice: "exact", why: null },
    ...rest,
  };
}

/** A stream of 10 Hz that plays. */
export function playing(change: Partial<VeilInputs> = {}): VeilInputs {
  return {
    now: NOW,
    connection: { state: "open" },
    connectionAt: 0,
    askedAt: 0,
    everOpen: true,
    lostAt: null,
    lostReason: "",
    serverAnswers: null,
    heardAt: NOW - 50,
    stream: "tcp://127.0.0.1:9999",
    status: status(),
    statusAt: NOW - 500,
    pictureAt: NOW - 50,
    pictureSentAt: NOW - 60,
    valuesAt: NOW - 50,
    period: 100,
    imagePeriod: 100,
    sending: null,
    wantedImage: null,
    paused: false,
    broken: null,
    ...change,
  };
}

/** The same stream, of which nothing came for so many ms. */
export function quietFor(ms: number, change: Partial<VeilInputs> = {}): VeilInputs {
  const at = NOW - ms;
  const statusAt = NOW - 300;
  return playing({
    pictureAt: at,
    pictureSentAt: at,
    valuesAt: at,
    statusAt,
    status: status({
      age_s: (statusAt - at) / 1000,
      image_age_s: (statusAt - at) / 1000,
      state: "silent",
      text: "Silent, says the server.",
    }),
    ...change,
  });
}
